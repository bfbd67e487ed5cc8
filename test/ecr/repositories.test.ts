/** ECR as far as deployments need it: repositories, their policies, and no images. */
import {
  CreateRepositoryCommand,
  DeleteRepositoryCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetLifecyclePolicyCommand,
  GetRepositoryPolicyCommand,
  ListTagsForResourceCommand,
  PutLifecyclePolicyCommand,
} from '@aws-sdk/client-ecr'
import { expect } from 'vitest'
import { test } from '../fixture.ts'

test('a repository is made once, keeps its settings, and goes', async ({ igarape }) => {
  const ecr = igarape.client(ECRClient)
  const wanted = { repositoryName: 'vendas/jobs', imageTagMutability: 'IMMUTABLE' as const }
  const { repository } = await ecr.send(
    new CreateRepositoryCommand({ ...wanted, tags: [{ Key: 'equipe', Value: 'dados' }] }),
  )

  expect(repository).toMatchObject({
    ...wanted,
    repositoryArn: 'arn:aws:ecr:us-east-1:000000000000:repository/vendas/jobs',
  })
  await expect(ecr.send(new CreateRepositoryCommand(wanted))).rejects.toMatchObject({
    name: 'RepositoryAlreadyExistsException',
  })
  expect(
    (await ecr.send(new ListTagsForResourceCommand({ resourceArn: repository?.repositoryArn as string }))).tags,
  ).toEqual([{ Key: 'equipe', Value: 'dados' }])
  await ecr.send(new DeleteRepositoryCommand({ repositoryName: 'vendas/jobs' }))
  await expect(ecr.send(new DescribeRepositoriesCommand({ repositoryNames: ['vendas/jobs'] }))).rejects.toMatchObject({
    name: 'RepositoryNotFoundException',
  })
})

test('repositories are listed in pages', async ({ igarape }) => {
  const ecr = igarape.client(ECRClient)
  for (const repositoryName of ['aa', 'bb', 'cc']) await ecr.send(new CreateRepositoryCommand({ repositoryName }))
  const first = await ecr.send(new DescribeRepositoriesCommand({ maxResults: 2 }))
  const second = await ecr.send(new DescribeRepositoriesCommand({ maxResults: 2, nextToken: first.nextToken }))

  expect(first.repositories?.map((one) => one.repositoryName)).toEqual(['aa', 'bb'])
  expect(second.repositories?.map((one) => one.repositoryName)).toEqual(['cc'])
  expect(second.nextToken).toBeUndefined()
})

test('policies are given back as they came, and said to be missing where they are', async ({ igarape }) => {
  const ecr = igarape.client(ECRClient)
  await ecr.send(new CreateRepositoryCommand({ repositoryName: 'vendas' }))
  const lifecyclePolicyText = JSON.stringify({
    rules: [
      {
        rulePriority: 1,
        selection: { tagStatus: 'untagged', countType: 'imageCountMoreThan', countNumber: 3 },
        action: { type: 'expire' },
      },
    ],
  })
  await ecr.send(new PutLifecyclePolicyCommand({ repositoryName: 'vendas', lifecyclePolicyText }))

  expect(await ecr.send(new GetLifecyclePolicyCommand({ repositoryName: 'vendas' }))).toMatchObject({
    lifecyclePolicyText,
  })
  await expect(ecr.send(new GetRepositoryPolicyCommand({ repositoryName: 'vendas' }))).rejects.toMatchObject({
    name: 'RepositoryPolicyNotFoundException',
  })
})

test('images are refused by name: there is no registry behind', async ({ igarape }) => {
  const ecr = igarape.client(ECRClient)
  await ecr.send(new CreateRepositoryCommand({ repositoryName: 'vendas' }))

  await expect(ecr.send(new DescribeImagesCommand({ repositoryName: 'vendas' }))).rejects.toMatchObject({
    name: 'NotImplemented',
    $metadata: { httpStatusCode: 501 },
  })
})
