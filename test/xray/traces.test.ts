/** Segments sent and read back: what is refused, how a trace is put together, how long it is kept. */
import {
  BatchGetTracesCommand,
  GetTraceSummariesCommand,
  PutTelemetryRecordsCommand,
  PutTraceSegmentsCommand,
  XRayClient,
} from '@aws-sdk/client-xray'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { documentOf, segmentId, send, sendShop, traceIdAt } from './segments.ts'

async function documents(igarape: Igarape, traceId: string) {
  const { Traces = [] } = await igarape.client(XRayClient).send(new BatchGetTracesCommand({ TraceIds: [traceId] }))
  return (Traces[0]?.Segments ?? []).map(({ Document }) => JSON.parse(Document as string))
}

async function summaries(igarape: Igarape, query: Partial<GetTraceSummariesCommand['input']> = {}) {
  const now = igarape.clock.now().getTime()
  const range = { StartTime: new Date(now - 3_600_000), EndTime: new Date(now + 1000) }
  return await igarape.client(XRayClient).send(new GetTraceSummariesCommand({ ...range, ...query }))
}

test('documents that are none are told of by id and code, and the others are kept', async ({ igarape }) => {
  const traceId = traceIdAt(igarape, 1)
  const good = documentOf(igarape, traceId, { id: segmentId(1), name: 'api' })
  const bad = [
    { ...good, id: 'xyz' },
    { ...good, name: 'what?' },
    { ...good, trace_id: traceIdAt(igarape, 1, 31 * 86_400_000) },
    { ...good, end_time: undefined },
    { ...good, id: segmentId(2), subsegments: [{ ...good, id: segmentId(3), name: 'a?' }] },
    { ...good, id: segmentId(4), type: 'subsegment' },
    { ...good, metadata: 'x'.repeat(65 * 1024) },
    { name: 'api' },
  ]

  const refused = await send(igarape, [good, ...bad])
  const { UnprocessedTraceSegments } = await igarape
    .client(XRayClient)
    .send(new PutTraceSegmentsCommand({ TraceSegmentDocuments: ['{'] }))

  expect(refused?.map(({ ErrorCode }) => ErrorCode)).toEqual([
    ...['InvalidId', 'InvalidName', 'InvalidTraceId', 'MissingEndTime'],
    ...['InvalidName', 'MissingParentId', 'SegmentTooLarge', 'MissingId'],
  ])
  expect(refused?.[1]).toEqual({
    Id: segmentId(1),
    ErrorCode: 'InvalidName',
    Message: 'Invalid segment. ErrorCode: InvalidName',
  })
  expect(refused?.[4]).toEqual({
    Id: segmentId(3),
    ErrorCode: 'InvalidName',
    Message: 'Invalid subsegment. ErrorCode: InvalidName, Cause: null',
  })
  expect(UnprocessedTraceSegments).toEqual([
    { ErrorCode: 'ParseError', Message: 'Invalid segment. ErrorCode: ParseError' },
  ])
  expect((await documents(igarape, traceId)).map(({ id }) => id)).toEqual([segmentId(1)])
})

test('subsegments that came apart lie in their segment, and what was called is inferred', async ({ igarape }) => {
  const { traceId, refused } = await sendShop(igarape, 7)

  expect(refused).toEqual([])
  const found = await documents(igarape, traceId)
  expect(found.map(({ name, origin, inferred }) => [name, origin, inferred])).toEqual([
    ['loja.example', 'AWS::EC2::Instance', undefined],
    ['api', undefined, undefined],
    ['produtos', 'AWS::DynamoDB::Table', true],
    ['pagamentos.example', 'remote', true],
  ])
  expect(found[1].subsegments.map(({ id }: { id: string }) => id)).toEqual([segmentId(4), segmentId(5)])
  expect(found[2].parent_id).toBe(segmentId(4))
  const { Traces, UnprocessedTraceIds } = await igarape
    .client(XRayClient)
    .send(new BatchGetTracesCommand({ TraceIds: [traceId, traceIdAt(igarape, 8)] }))
  expect(Traces?.map(({ Id, Duration, LimitExceeded }) => [Id, Duration, LimitExceeded])).toEqual([[traceId, 3, false]])
  expect(UnprocessedTraceIds).toEqual([traceIdAt(igarape, 8)])
})

test('a segment in progress gives way to the whole one', async ({ igarape }) => {
  const traceId = traceIdAt(igarape, 1)
  const whole = documentOf(igarape, traceId, { id: segmentId(1), name: 'api' })
  await send(igarape, [{ ...whole, end_time: undefined, in_progress: true }])
  const before = (await summaries(igarape)).TraceSummaries
  await send(igarape, [whole])

  expect(before?.map(({ IsPartial, Revision }) => [IsPartial, Revision])).toEqual([[true, 1]])
  const after = (await summaries(igarape)).TraceSummaries
  expect(after?.map(({ IsPartial, Revision, Duration }) => [IsPartial, Revision, Duration])).toEqual([[false, 2, 1]])
})

test('a summary tells of the root, of outcomes, annotations, users, services, and where the fault began', async ({
  igarape,
}) => {
  const { traceId } = await sendShop(igarape, 7)

  const { TraceSummaries, TracesProcessedCount } = await summaries(igarape)
  const api = { Name: 'api', Names: ['api'], AccountId: '000000000000' }
  const front = { Name: 'loja.example', Names: ['loja.example'], AccountId: '000000000000', Type: 'AWS::EC2::Instance' }
  const payments = { Name: 'pagamentos.example', Names: ['pagamentos.example'], Type: 'remote' }
  expect(TracesProcessedCount).toBe(1)
  expect(TraceSummaries).toMatchObject([
    {
      ...{ Id: traceId, Duration: 3, ResponseTime: 3, HasFault: true, HasError: false, HasThrottle: false },
      ...{ IsPartial: false, Revision: 3, EntryPoint: front },
      Http: {
        HttpURL: 'https://loja.example/pedidos',
        HttpStatus: 502,
        HttpMethod: 'POST',
        UserAgent: 'curl',
        ClientIp: '10.1.2.3',
      },
      Annotations: {
        loja: [{ AnnotationValue: { StringValue: 'loja-123' }, ServiceIds: [api] }],
        itens: [{ AnnotationValue: { NumberValue: 3 }, ServiceIds: [api] }],
        urgente: [{ AnnotationValue: { BooleanValue: true }, ServiceIds: [api] }],
      },
      Users: [{ UserName: 'ana', ServiceIds: [front] }],
      ServiceIds: [front, api, { Name: 'produtos', Type: 'AWS::DynamoDB::Table' }, payments],
      InstanceIds: [{ Id: 'i-0b' }],
      AvailabilityZones: [{ Name: 'us-east-1a' }],
      FaultRootCauses: [
        {
          ClientImpacting: true,
          Services: [
            { ...front, EntityPath: [{ Name: 'loja.example' }, { Name: 'api', Remote: true }] },
            {
              ...api,
              EntityPath: [
                { Name: 'api' },
                { Name: 'pagamentos.example', Exceptions: [{ Name: 'Timeout', Message: 'too slow' }], Remote: true },
              ],
            },
            { ...payments, Inferred: true },
          ],
        },
      ],
      ErrorRootCauses: [],
    },
  ])
})

test('traces are found by their id, their last update, or the end of their work', async ({ igarape }) => {
  const begun = igarape.clock.now().getTime()
  const traceId = traceIdAt(igarape, 1)
  const document = documentOf(igarape, traceId, { id: segmentId(1), name: 'api' })
  await igarape.clock.advance({ minutes: 10 })
  await send(igarape, [{ ...document, end_time: (begun + 300_000) / 1000 }])

  const count = async (TimeRangeType: 'TraceId' | 'Event' | 'Service', minute: number) => {
    const at = {
      StartTime: new Date(begun + minute * 60_000 - 2000),
      EndTime: new Date(begun + minute * 60_000 + 2000),
    }
    return (await summaries(igarape, { ...at, TimeRangeType })).TraceSummaries?.length
  }
  const found = async (type: Parameters<typeof count>[0]) => [
    await count(type, 0),
    await count(type, 5),
    await count(type, 10),
  ]
  expect(await found('TraceId')).toEqual([1, 0, 0])
  expect(await found('Service')).toEqual([0, 1, 0])
  expect(await found('Event')).toEqual([0, 0, 1])
})

test('summaries come in pages, and a share of them where it is asked for', async ({ igarape }) => {
  const traces = Array.from({ length: 620 }, (_, number) =>
    documentOf(igarape, traceIdAt(igarape, number), { id: segmentId(1), name: 'api' }),
  )
  for (let at = 0; at < traces.length; at += 50) await send(igarape, traces.slice(at, at + 50))

  const first = await summaries(igarape)
  const second = await summaries(igarape, { NextToken: first.NextToken })
  const ids = [...(first.TraceSummaries ?? []), ...(second.TraceSummaries ?? [])].map(({ Id }) => Id)
  expect(first.TraceSummaries).toHaveLength(500)
  expect(second.NextToken).toBeUndefined()
  expect(new Set(ids).size).toBe(620)
  const share = await summaries(igarape, { Sampling: true, SamplingStrategy: { Name: 'FixedRate', Value: 0.1 } })
  expect(share.TraceSummaries?.length).toBeGreaterThan(20)
  expect(share.TraceSummaries?.length).toBeLessThan(120)
})

test('a trace is kept for thirty days, and takes half a megabyte', async ({ igarape }) => {
  const traceId = traceIdAt(igarape, 1)
  const large = (number: number) =>
    documentOf(igarape, traceId, { id: segmentId(number), name: 'api', metadata: { text: 'x'.repeat(60_000) } })
  await send(igarape, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(large))
  const xray = igarape.client(XRayClient)
  const kept = await xray.send(new BatchGetTracesCommand({ TraceIds: [traceId] }))
  await igarape.clock.advance({ days: 29 })
  const late = await documents(igarape, traceId)
  await igarape.clock.advance({ days: 2 })

  expect(kept.Traces?.map(({ LimitExceeded, Segments }) => [LimitExceeded, Segments?.length])).toEqual([[true, 8]])
  expect(late).toHaveLength(8)
  const gone = await xray.send(new BatchGetTracesCommand({ TraceIds: [traceId] }))
  expect(gone.UnprocessedTraceIds).toEqual([traceId])
})

test("a daemon's own records are taken, ranges and tokens that are none are refused", async ({ igarape }) => {
  const xray = igarape.client(XRayClient)
  const records = [{ Timestamp: igarape.clock.now(), SegmentsReceivedCount: 3 }]
  await xray.send(new PutTelemetryRecordsCommand({ TelemetryRecords: records }))

  const backwards = summaries(igarape, { EndTime: new Date(0) })
  await expect(backwards).rejects.toMatchObject({ name: 'InvalidRequestException' })
  await expect(summaries(igarape, { NextToken: 'x' })).rejects.toMatchObject({ name: 'InvalidRequestException' })
  const many = new BatchGetTracesCommand({ TraceIds: [1, 2, 3, 4, 5, 6].map((one) => traceIdAt(igarape, one)) })
  await expect(xray.send(many)).rejects.toMatchObject({ name: 'InvalidRequestException' })
})
