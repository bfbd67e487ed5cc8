/**
 * Repositories and what is kept of them. There is no registry behind: images cannot be pushed, and every operation on
 * images says so by answering NotImplemented. Functions here run from zip archives.
 */
import type { Millis } from '../../clock.ts'
import type { Context } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'

const {
  InvalidParameterException,
  LifecyclePolicyNotFoundException,
  RepositoryAlreadyExistsException,
  RepositoryNotFoundException,
  RepositoryPolicyNotFoundException,
} = awsErrors('ecr')

export interface Repository {
  name: string
  createdAt: Millis
  tagMutability: string
  scansOnPush: boolean
  encryption: { type: string; kmsKey?: string }
  tags: Record<string, string>
  policy?: string
  lifecyclePolicy?: string
}

export const repositories = collection<Repository>('ecr/repositories', {
  version: 1,
  key: (repository) => [repository.name],
})

const pageMax = 100

export const repositoryOperations = operations('ecr', {
  async CreateRepository(input, ctx) {
    const name = input.repositoryName
    const { encryptionType = 'AES256', kmsKey } = input.encryptionConfiguration ?? {}
    const repository: Repository = {
      name,
      createdAt: ctx.clock.now(),
      tagMutability: input.imageTagMutability ?? 'MUTABLE',
      scansOnPush: input.imageScanningConfiguration?.scanOnPush ?? false,
      encryption: { type: encryptionType, ...(kmsKey !== undefined && { kmsKey }) },
      tags: tagRecord(input.tags ?? []),
    }
    await ctx.commit((tx) => {
      if (tx.in(repositories).has(name)) {
        throw RepositoryAlreadyExistsException(
          `The repository with name '${name}' already exists in the registry with id '${ctx.account}'`,
        )
      }
      tx.in(repositories).put(repository)
    })
    return { repository: repositoryOutput(repository, ctx) }
  },

  async DescribeRepositories(input, ctx) {
    if (input.repositoryNames?.length) {
      const named = input.repositoryNames.map((name) => mustGet(ctx, name))
      return { repositories: named.map((repository) => repositoryOutput(repository, ctx)) }
    }
    const after = input.nextToken === undefined ? '' : Buffer.from(input.nextToken, 'base64url').toString()
    const rest = [...ctx.in(repositories).list({ after: [after] })]
    const page = rest.slice(0, input.maxResults ?? pageMax)
    const last = page.at(-1)
    return {
      repositories: page.map((repository) => repositoryOutput(repository, ctx)),
      ...(last && rest.length > page.length && { nextToken: Buffer.from(last.name).toString('base64url') }),
    }
  },

  async DeleteRepository(input, ctx) {
    const repository = await ctx.commit((tx) => {
      const present = mustGet(ctx, input.repositoryName)
      tx.in(repositories).delete(present.name)
      return present
    })
    return { repository: repositoryOutput(repository, ctx) }
  },

  async PutImageTagMutability(input, ctx) {
    const changed = await change(ctx, input.repositoryName, (repository) => ({
      ...repository,
      tagMutability: input.imageTagMutability,
    }))
    return {
      registryId: ctx.account,
      repositoryName: changed.name,
      imageTagMutability: input.imageTagMutability,
    }
  },

  async PutImageScanningConfiguration(input, ctx) {
    const scanOnPush = input.imageScanningConfiguration.scanOnPush ?? false
    const changed = await change(ctx, input.repositoryName, (one) => ({ ...one, scansOnPush: scanOnPush }))
    return { registryId: ctx.account, repositoryName: changed.name, imageScanningConfiguration: { scanOnPush } }
  },

  async SetRepositoryPolicy(input, ctx) {
    checkJson(input.policyText)
    await change(ctx, input.repositoryName, (one) => ({ ...one, policy: input.policyText }))
    return { registryId: ctx.account, repositoryName: input.repositoryName, policyText: input.policyText }
  },

  async GetRepositoryPolicy(input, ctx) {
    return policyOutput(ctx, mustGet(ctx, input.repositoryName))
  },

  async DeleteRepositoryPolicy(input, ctx) {
    const output = policyOutput(ctx, mustGet(ctx, input.repositoryName))
    await change(ctx, input.repositoryName, ({ policy: _, ...repository }) => repository)
    return output
  },

  async PutLifecyclePolicy(input, ctx) {
    checkJson(input.lifecyclePolicyText)
    await change(ctx, input.repositoryName, (one) => ({ ...one, lifecyclePolicy: input.lifecyclePolicyText }))
    return lifecycleOutput(ctx, mustGet(ctx, input.repositoryName))
  },

  async GetLifecyclePolicy(input, ctx) {
    return lifecycleOutput(ctx, mustGet(ctx, input.repositoryName))
  },

  async DeleteLifecyclePolicy(input, ctx) {
    const output = lifecycleOutput(ctx, mustGet(ctx, input.repositoryName))
    await change(ctx, input.repositoryName, ({ lifecyclePolicy: _, ...repository }) => repository)
    return output
  },

  async ListTagsForResource(input, ctx) {
    const { tags } = mustGet(ctx, nameOf(input.resourceArn))
    return { tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }
  },

  async TagResource(input, ctx) {
    await change(ctx, nameOf(input.resourceArn), (one) => ({ ...one, tags: { ...one.tags, ...tagRecord(input.tags) } }))
    return {}
  },

  async UntagResource(input, ctx) {
    await change(ctx, nameOf(input.resourceArn), (one) => ({
      ...one,
      tags: Object.fromEntries(Object.entries(one.tags).filter(([key]) => !input.tagKeys.includes(key))),
    }))
    return {}
  },
})

function mustGet(ctx: Context, name: string): Repository {
  const repository = ctx.in(repositories).get(name)
  if (repository) return repository
  throw RepositoryNotFoundException(
    `The repository with name '${name}' does not exist in the registry with id '${ctx.account}'`,
  )
}

async function change(ctx: Context, name: string, update: (repository: Repository) => Repository): Promise<Repository> {
  return await ctx.commit((tx) => {
    const present = tx.in(repositories).get(name) ?? mustGet(ctx, name)
    const changed = update(present)
    tx.in(repositories).put(changed)
    return changed
  })
}

function checkJson(text: string): void {
  try {
    JSON.parse(text)
  } catch {
    throw InvalidParameterException(
      "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository policy provided'",
    )
  }
}

function nameOf(arn: string): string {
  const name = /^arn:[^:]+:ecr:[^:]+:\d{12}:repository\/(.+)$/.exec(arn)?.[1]
  if (name !== undefined) return name
  throw InvalidParameterException(`Invalid parameter at 'resourceArn' failed to satisfy constraint: 'Invalid ARN'`)
}

function tagRecord(tags: { Key?: string | undefined; Value?: string | undefined }[]): Record<string, string> {
  return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]))
}

function policyOutput(ctx: Context, repository: Repository) {
  if (repository.policy === undefined) {
    throw RepositoryPolicyNotFoundException(
      `Repository policy does not exist for the repository with name '${repository.name}' in the registry with id '${ctx.account}'`,
    )
  }
  return { registryId: ctx.account, repositoryName: repository.name, policyText: repository.policy }
}

function lifecycleOutput(ctx: Context, repository: Repository) {
  if (repository.lifecyclePolicy === undefined) {
    throw LifecyclePolicyNotFoundException(
      `Lifecycle policy does not exist for the repository with name '${repository.name}' in the registry with id '${ctx.account}'`,
    )
  }
  return {
    registryId: ctx.account,
    repositoryName: repository.name,
    lifecyclePolicyText: repository.lifecyclePolicy,
  }
}

function repositoryOutput(repository: Repository, ctx: Context) {
  const { type, kmsKey } = repository.encryption
  return {
    repositoryArn: `arn:aws:ecr:${ctx.region}:${ctx.account}:repository/${repository.name}`,
    registryId: ctx.account,
    repositoryName: repository.name,
    repositoryUri: `${ctx.account}.dkr.ecr.${ctx.region}.amazonaws.com/${repository.name}`,
    createdAt: new Date(repository.createdAt),
    imageTagMutability: repository.tagMutability as 'MUTABLE',
    imageScanningConfiguration: { scanOnPush: repository.scansOnPush },
    encryptionConfiguration: { encryptionType: type as 'AES256', ...(kmsKey !== undefined && { kmsKey }) },
  }
}
