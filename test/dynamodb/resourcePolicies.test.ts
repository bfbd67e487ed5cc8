/** Policies of tables. */
import {
  DeleteResourcePolicyCommand,
  DeleteTableCommand,
  GetResourcePolicyCommand,
  PutResourcePolicyCommand,
} from '@aws-sdk/client-dynamodb'
import { expect } from 'vitest'
import { test } from '../fixture.ts'
import { withTable } from './fixture.ts'

const ResourceArn = 'arn:aws:dynamodb:us-east-1:000000000000:table/vendas'
const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [] })
const notFound = { name: 'PolicyNotFoundException' }

test('a policy is kept with its revision, changed only by who knows that, and gone with its table', async ({
  igarape,
}) => {
  const dynamodb = await withTable(igarape)
  const get = () => dynamodb.send(new GetResourcePolicyCommand({ ResourceArn }))
  const put = (more: object = {}) => dynamodb.send(new PutResourcePolicyCommand({ ResourceArn, Policy, ...more }))
  await expect(get()).rejects.toMatchObject(notFound)

  const first = await put({ ExpectedRevisionId: 'NO_POLICY' })
  expect(await get()).toMatchObject({ Policy, RevisionId: first.RevisionId })
  await expect(put({ ExpectedRevisionId: 'NO_POLICY' })).rejects.toMatchObject(notFound)
  const second = await put({ ExpectedRevisionId: first.RevisionId })
  expect(second.RevisionId).not.toBe(first.RevisionId)
  const deleted = await dynamodb.send(new DeleteResourcePolicyCommand({ ResourceArn }))
  expect(deleted.RevisionId).toBe(second.RevisionId)
  await dynamodb.send(new DeleteResourcePolicyCommand({ ResourceArn }))

  await put()
  await dynamodb.send(new DeleteTableCommand({ TableName: 'vendas' }))
  await withTable(igarape)
  await expect(get()).rejects.toMatchObject(notFound)
})

test('what is no policy, and no table, is refused', async ({ igarape }) => {
  const dynamodb = await withTable(igarape)
  const refused = (input: object) =>
    expect(dynamodb.send(new PutResourcePolicyCommand({ ResourceArn, Policy, ...input }))).rejects

  await refused({ Policy: 'x' }).toMatchObject({ name: 'ValidationException' })
  await refused({ ResourceArn: `${ResourceArn}/index/x` }).toMatchObject({ name: 'ValidationException' })
  await refused({ ResourceArn: `${ResourceArn}2` }).toMatchObject({ name: 'ResourceNotFoundException' })
  await refused({ ResourceArn: `${ResourceArn}/stream/x` }).toMatchObject({ name: 'ResourceNotFoundException' })
})
