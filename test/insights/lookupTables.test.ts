/** Lookup tables by their API, and a query that looks up in one. */
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  CreateLookupTableCommand,
  DeleteLookupTableCommand,
  DescribeLookupTablesCommand,
  GetLookupTableCommand,
  GetQueryResultsCommand,
  PutLogEventsCommand,
  StartQueryCommand,
  UpdateLookupTableCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

const tableBody = 'id,name\r\n1,"Silva, Ana"\r\n2,"Bia ""B"""\n'

async function names(igarape: Igarape): Promise<(string | undefined)[]> {
  const logs = igarape.client(CloudWatchLogsClient)
  const now = Math.floor(igarape.clock.now().getTime() / 1_000)
  const queryString = 'lookup users id as user OUTPUT name | sort user | display name'
  const range = { startTime: now - 3_600, endTime: now }
  const { queryId } = await logs.send(new StartQueryCommand({ logGroupName: '/app', queryString, ...range }))
  await igarape.settled()
  const { results = [] } = await logs.send(new GetQueryResultsCommand({ queryId }))
  return results.map((row) => row.find(({ field }) => field === 'name')?.value)
}

test('a table is uploaded, looked up in, replaced and deleted', async ({ igarape }) => {
  const logs = igarape.client(CloudWatchLogsClient)
  await logs.send(new CreateLogGroupCommand({ logGroupName: '/app' }))
  await logs.send(new CreateLogStreamCommand({ logGroupName: '/app', logStreamName: 's' }))
  const timestamp = igarape.clock.now().getTime()
  const logEvents = [1, 2, 3].map((user) => ({ timestamp, message: JSON.stringify({ user }) }))
  await logs.send(new PutLogEventsCommand({ logGroupName: '/app', logStreamName: 's', logEvents }))
  await expect(names(igarape)).rejects.toMatchObject({ name: 'ResourceNotFoundException' })

  const made = await logs.send(new CreateLookupTableCommand({ lookupTableName: 'users', tableBody }))
  const { lookupTableArn } = made
  expect(await names(igarape)).toEqual(['Silva, Ana', 'Bia "B"', undefined])
  const { lookupTables } = await logs.send(new DescribeLookupTablesCommand({ lookupTableNamePrefix: 'us' }))
  expect(lookupTables).toMatchObject([{ lookupTableName: 'users', tableFields: ['id', 'name'], recordsCount: 2 }])
  const whole = await logs.send(new GetLookupTableCommand({ lookupTableArn }))
  expect(whole).toMatchObject({ tableBody, sizeBytes: tableBody.length })

  await logs.send(new UpdateLookupTableCommand({ lookupTableArn, tableBody: 'id,name\n3,Caio' }))
  expect(await names(igarape)).toEqual([undefined, undefined, 'Caio'])
  await logs.send(new DeleteLookupTableCommand({ lookupTableArn }))
  await expect(names(igarape)).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
})

test('what is no table is refused, and so is what is not done', async ({ igarape }) => {
  const logs = igarape.client(CloudWatchLogsClient)
  const refused = (input: object) =>
    expect(logs.send(new CreateLookupTableCommand({ lookupTableName: 'users', ...input }))).rejects
  await logs.send(new CreateLookupTableCommand({ lookupTableName: 'users', tableBody }))

  await refused({ tableBody }).toMatchObject({ name: 'ResourceAlreadyExistsException' })
  await refused({}).toMatchObject({ name: 'ValidationException' })
  await refused({ tableBody: 'a,b\n1' }).toMatchObject({ name: 'ValidationException' })
  await refused({ tableBody: 'a,b\n"1,2' }).toMatchObject({ name: 'ValidationException' })
  await refused({ tableBody: 'a,a\n1,2' }).toMatchObject({ name: 'ValidationException' })
  await refused({ tableBody, kmsKeyId: 'arn:aws:kms:us-east-1:000000000000:key/k' }).toMatchObject({
    name: 'NotImplemented',
  })
  await refused({ queryId: 'q' }).toMatchObject({ name: 'NotImplemented' })
  const query = { queryString: 'lookup users id as user OUTPUT age', startTime: 1, endTime: 2, logGroupName: '/app' }
  await logs.send(new CreateLogGroupCommand({ logGroupName: '/app' }))
  await expect(logs.send(new StartQueryCommand(query))).rejects.toMatchObject({ name: 'InvalidParameterException' })
})
