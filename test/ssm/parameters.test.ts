/** Parameter Store through the SDK. */
import {
  DeleteParametersCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  LabelParameterVersionCommand,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm'
import { expect } from 'vitest'
import { test } from '../fixture.ts'

test('a parameter has versions, labels and a history', async ({ igarape }) => {
  const ssm = igarape.client(SSMClient)
  await ssm.send(new PutParameterCommand({ Name: '/a/b', Value: 'one', Type: 'String' }))
  await expect(ssm.send(new PutParameterCommand({ Name: '/a/b', Value: 'two' }))).rejects.toMatchObject({
    name: 'ParameterAlreadyExists',
  })
  await ssm.send(new PutParameterCommand({ Name: '/a/b', Value: 'two', Overwrite: true }))
  await ssm.send(new LabelParameterVersionCommand({ Name: '/a/b', ParameterVersion: 1, Labels: ['old'] }))

  const newest = await ssm.send(new GetParameterCommand({ Name: '/a/b' }))
  expect(newest.Parameter).toMatchObject({
    Value: 'two',
    Version: 2,
    ARN: 'arn:aws:ssm:us-east-1:000000000000:parameter/a/b',
  })
  expect((await ssm.send(new GetParameterCommand({ Name: '/a/b:1' }))).Parameter?.Value).toBe('one')
  const labelled = await ssm.send(new GetParameterCommand({ Name: '/a/b:old' }))
  expect(labelled.Parameter).toMatchObject({ Value: 'one', Selector: ':old' })
  const history = await ssm.send(new GetParameterHistoryCommand({ Name: '/a/b' }))
  expect(history.Parameters?.map((one) => [one.Version, one.Value, one.Labels])).toEqual([
    [1, 'one', ['old']],
    [2, 'two', []],
  ])
})

test('parameters are found by path, in pages', async ({ igarape }) => {
  const ssm = igarape.client(SSMClient)
  for (const name of ['/app/a', '/app/b', '/app/deep/c', '/apple']) {
    await ssm.send(new PutParameterCommand({ Name: name, Value: 'x', Type: 'String' }))
  }
  const names = async (input: object) => {
    const answer = await ssm.send(new GetParametersByPathCommand({ Path: '/app', ...input }))
    return { names: answer.Parameters?.map((one) => one.Name), next: answer.NextToken }
  }

  expect((await names({})).names).toEqual(['/app/a', '/app/b'])
  const first = await names({ Recursive: true, MaxResults: 2 })
  expect(first.names).toEqual(['/app/a', '/app/b'])
  expect(await names({ Recursive: true, NextToken: first.next })).toEqual({ names: ['/app/deep/c'] })
})

test('what is not there is said per name', async ({ igarape }) => {
  const ssm = igarape.client(SSMClient)
  await ssm.send(new PutParameterCommand({ Name: 'here', Value: 'x', Type: 'String' }))

  const read = await ssm.send(new GetParametersCommand({ Names: ['here', 'gone'] }))
  const deleted = await ssm.send(new DeleteParametersCommand({ Names: ['here', 'gone'] }))

  expect(read).toMatchObject({ Parameters: [{ Name: 'here' }], InvalidParameters: ['gone'] })
  expect(deleted).toMatchObject({ DeletedParameters: ['here'], InvalidParameters: ['gone'] })
  await expect(ssm.send(new GetParameterCommand({ Name: 'here' }))).rejects.toMatchObject({ name: 'ParameterNotFound' })
})
