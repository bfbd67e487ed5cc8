/** Event source mappings that an older version kept, when only queues were sources, are there for this one. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LambdaClient, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda'
import { expect, test } from 'vitest'
import { eventSourceMappings } from '../../src/services/lambda/mappings.ts'
import { startIgarape } from '../../src/testkit/server.ts'
import { writeOlder } from '../store/olderStore.ts'

test('a mapping of version 1 is the same with its source by the name of today', async () => {
  const data = mkdtempSync(join(tmpdir(), 'older-mappings-'))
  const queueArn = 'arn:aws:sqs:us-east-1:000000000000:pedidos'
  const record = {
    ...{ id: '7f3c1a52-9f0e-4a4e-8f0b-6d1f4a7f9c11', queueArn, functionName: 'cobrar', enabled: false, batchSize: 7 },
    ...{ windowSeconds: 2, concurrencyMax: 5, patterns: ['{"body":{"a":[1]}}'], reportsItemFailures: true },
    ...{ tags: {}, modifiedAt: Date.UTC(2025, 9, 20) },
  }
  await writeOlder(data, { of: eventSourceMappings, version: 1, records: [record] })
  const igarape = await startIgarape({ data })
  const lambda = igarape.client(LambdaClient)

  const { EventSourceMappings } = await lambda.send(new ListEventSourceMappingsCommand({ EventSourceArn: queueArn }))
  await igarape.stop()
  rmSync(data, { recursive: true, force: true })

  expect(EventSourceMappings).toMatchObject([
    {
      UUID: record.id,
      EventSourceArn: queueArn,
      FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:cobrar',
      State: 'Disabled',
      BatchSize: 7,
      MaximumBatchingWindowInSeconds: 2,
      ScalingConfig: { MaximumConcurrency: 5 },
      FilterCriteria: { Filters: [{ Pattern: record.patterns[0] }] },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    },
  ])
})
