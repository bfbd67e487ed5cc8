/** Archives: made, changed, listed, filled in the commit that accepted the event, emptied when they are due. */
import { readdirSync } from 'node:fs'
import {
  CreateArchiveCommand,
  CreateEventBusCommand,
  DeleteArchiveCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  DescribeArchiveCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EventBridgeClient,
  ListArchivesCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  UpdateArchiveCommand,
} from '@aws-sdk/client-eventbridge'
import {
  CreateBucketCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { expect } from 'vitest'
import { archiveResource } from '../../src/services/eventbridge/archiveResource.ts'
import type { ResourceContext } from '../../src/services/resource.ts'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { arn, busWithArchive, countOf, putSales } from './archiveSamples.ts'

const segmentsOf = (igarape: Igarape) => readdirSync(`${igarape.server.platform.dataFolder}/segments`)
const EventSourceArn = arn('event-bus/default')

test('an archive is made, described, changed and deleted', async ({ igarape }) => {
  const events = igarape.client(EventBridgeClient)
  const EventPattern = '{"source":["loja"],"detail":{"valor":[{"numeric":[">",1.50]}]}}'

  const created = await events.send(
    new CreateArchiveCommand({
      ArchiveName: 'vendas',
      EventSourceArn,
      EventPattern,
      Description: 'd',
      RetentionDays: 7,
    }),
  )
  expect(created).toMatchObject({ ArchiveArn: arn('archive/vendas'), State: 'ENABLED', CreationTime: expect.any(Date) })
  expect(await events.send(new DescribeArchiveCommand({ ArchiveName: 'vendas' }))).toMatchObject({
    ArchiveArn: arn('archive/vendas'),
    ArchiveName: 'vendas',
    EventSourceArn,
    EventPattern,
    Description: 'd',
    RetentionDays: 7,
    EventCount: 0,
    SizeBytes: 0,
    State: 'ENABLED',
    CreationTime: created.CreationTime,
  })

  await events.send(new UpdateArchiveCommand({ ArchiveName: 'vendas', RetentionDays: 1 }))
  expect(await events.send(new DescribeArchiveCommand({ ArchiveName: 'vendas' }))).toMatchObject({
    RetentionDays: 1,
    Description: 'd',
    EventPattern,
  })
  await events.send(new DeleteArchiveCommand({ ArchiveName: 'vendas' }))
  const gone = { name: 'ResourceNotFoundException', message: 'Archive vendas does not exist.' }
  await expect(events.send(new DescribeArchiveCommand({ ArchiveName: 'vendas' }))).rejects.toMatchObject(gone)
  await expect(events.send(new UpdateArchiveCommand({ ArchiveName: 'vendas' }))).rejects.toMatchObject(gone)
  await expect(events.send(new DeleteArchiveCommand({ ArchiveName: 'vendas' }))).rejects.toMatchObject(gone)
})

test('an archive that cannot be is refused in the words of AWS', async ({ igarape }) => {
  const events = igarape.client(EventBridgeClient)
  const create = (settings: object) =>
    events.send(new CreateArchiveCommand({ ArchiveName: 'a', EventSourceArn, ...settings }))
  await create({})

  await expect(create({})).rejects.toMatchObject({
    name: 'ResourceAlreadyExistsException',
    message: 'Archive a already exists.',
  })
  await expect(create({ ArchiveName: 'b', EventSourceArn: arn('event-bus/nada') })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'Event bus nada does not exist.',
  })
  await expect(create({ ArchiveName: 'b', EventSourceArn: arn('rule/x') })).rejects.toMatchObject({
    name: 'ValidationException',
    message: 'Parameter EventSourceArn is not valid. Reason: Must contain an event bus ARN.',
  })
  await expect(create({ ArchiveName: 'b', EventPattern: '{"source":"loja"}' })).rejects.toMatchObject({
    name: 'InvalidEventPatternException',
    message: expect.stringMatching(/^Event pattern is not valid. Reason: /),
  })
  await expect(create({ ArchiveName: 'x'.repeat(49) })).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining('length less than or equal to 48'),
  })
  await expect(create({ ArchiveName: 'a b' })).rejects.toMatchObject({ name: 'ValidationException' })
  await expect(create({ ArchiveName: 'b', RetentionDays: -1 })).rejects.toMatchObject({ name: 'ValidationException' })
  await expect(create({ ArchiveName: 'b', KmsKeyIdentifier: 'alias/k' })).rejects.toMatchObject({
    name: 'NotImplemented',
  })
})

test('archives are listed by pages, and by one filter at most', async ({ igarape }) => {
  const events = await busWithArchive(igarape)
  for (const ArchiveName of ['a-1', 'a-2', 'b-1']) {
    await events.send(new CreateArchiveCommand({ ArchiveName, EventSourceArn, RetentionDays: 1 }))
  }
  const list = async (input: object) => {
    const { Archives = [], NextToken } = await events.send(new ListArchivesCommand(input))
    return { names: Archives.map(({ ArchiveName }) => ArchiveName), NextToken }
  }

  const first = await list({ Limit: 3 })
  expect(first.names).toEqual(['a-1', 'a-2', 'b-1'])
  expect((await list({ Limit: 3, NextToken: first.NextToken })).names).toEqual(['tudo'])
  expect((await list({ NamePrefix: 'a-' })).names).toEqual(['a-1', 'a-2'])
  expect((await list({ EventSourceArn: arn('event-bus/vendas') })).names).toEqual(['tudo'])
  expect((await list({ State: 'DISABLED' })).names).toEqual([])
  await expect(list({ NamePrefix: 'a', State: 'ENABLED' })).rejects.toMatchObject({
    name: 'ValidationException',
    message: 'At most one filter is allowed for ListArchives. Use either : State, EventSourceArn, or NamePrefix.',
  })
  await expect(list({ EventSourceArn: arn('event-bus/nada') })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'Event bus nada does not exist.',
  })
})

test('an archive shows its managed rule, which only force removes', async ({ igarape }) => {
  const events = await busWithArchive(igarape, { EventPattern: '{"source":["loja"]}' })
  const rule = { Name: 'Events-Archive-tudo', EventBusName: 'vendas' }
  const place = { Rule: rule.Name, EventBusName: 'vendas' }

  expect(await events.send(new DescribeRuleCommand(rule))).toMatchObject({
    ManagedBy: 'prod.vhs.events.aws.internal',
    EventPattern: '{"source":["loja"],"replay-name":[{"exists":false}]}',
  })
  const listed = await events.send(new ListRulesCommand({ EventBusName: 'vendas' }))
  expect(listed.Rules?.map(({ ManagedBy }) => ManagedBy)).toEqual(['prod.vhs.events.aws.internal'])
  const { Targets } = await events.send(new ListTargetsByRuleCommand(place))
  expect(Targets).toMatchObject([{ Id: rule.Name, Arn: 'arn:aws:events:us-east-1:::' }])

  const refused = {
    name: 'ManagedRuleException',
    message: "Events-Archive-tudo is a managed rule. Set 'force' parameter to true to override.",
  }
  await expect(events.send(new DeleteRuleCommand(rule))).rejects.toMatchObject(refused)
  await expect(events.send(new DisableRuleCommand(rule))).rejects.toMatchObject(refused)
  await expect(events.send(new PutRuleCommand({ ...rule, EventPattern: '{"a":["b"]}' }))).rejects.toMatchObject(refused)
  const target = { Id: 'x', Arn: 'arn:aws:sqs:us-east-1:000000000000:q' }
  await expect(events.send(new PutTargetsCommand({ ...place, Targets: [target] }))).rejects.toMatchObject(refused)
  await expect(events.send(new RemoveTargetsCommand({ ...place, Ids: [rule.Name] }))).rejects.toMatchObject(refused)

  await putSales(igarape, [{ id: 1 }])
  await events.send(new RemoveTargetsCommand({ ...place, Ids: [rule.Name], Force: true }))
  await events.send(new DeleteRuleCommand({ ...rule, Force: true }))
  await putSales(igarape, [{ id: 2 }])
  expect(await countOf(igarape)).toMatchObject({ events: 1, state: 'DISABLED', reason: expect.any(String) })
  await events.send(new UpdateArchiveCommand({ ArchiveName: 'tudo' }))
  await putSales(igarape, [{ id: 3 }])
  expect(await countOf(igarape)).toMatchObject({ events: 2, state: 'ENABLED', reason: undefined })
})

test('an archive holds what its pattern matches, counted and measured, as soon as it was accepted', async ({
  igarape,
}) => {
  const events = await busWithArchive(igarape, {
    EventPattern: '{"detail-type":["venda"],"detail":{"id":[{"numeric":["<",25]}]}}',
  })
  await events.send(new CreateArchiveCommand({ ArchiveName: 'outro', EventSourceArn: arn('event-bus/vendas') }))

  await putSales(
    igarape,
    Array.from({ length: 50 }, (_, id) => ({ id, kind: id % 2 ? 'venda' : 'troca' })),
  )

  expect(await countOf(igarape)).toMatchObject({ events: 12 })
  const all = await countOf(igarape, 'outro')
  expect(all.events).toBe(50)
  expect(all.bytes).toBeGreaterThan(50 * 200)
  await events.send(new UpdateArchiveCommand({ ArchiveName: 'tudo', EventPattern: '{"detail":{"id":[99]}}' }))
  await putSales(igarape, [{ id: 98 }, { id: 99 }])
  expect(await countOf(igarape)).toMatchObject({ events: 13 })
})

test("an archive of the default bus holds AWS services' own events", async ({ igarape }) => {
  const events = igarape.client(EventBridgeClient)
  const s3 = igarape.client(S3Client)
  const EventPattern = '{"source":["aws.s3"]}'
  await events.send(new CreateArchiveCommand({ ArchiveName: 's3', EventSourceArn, EventPattern }))
  await s3.send(new CreateBucketCommand({ Bucket: 'raw' }))
  const NotificationConfiguration = { EventBridgeConfiguration: {} }
  await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket: 'raw', NotificationConfiguration }))

  await s3.send(new PutObjectCommand({ Bucket: 'raw', Key: 'a.csv', Body: 'x' }))
  await putSales(igarape, [{ id: 1 }], 'default')

  expect(await countOf(igarape, 's3')).toMatchObject({ events: 1 })
})

test('events expire when they were kept as long as was said, and the disk is given back', async ({ igarape }) => {
  const events = await busWithArchive(igarape, { RetentionDays: 2 })
  await putSales(igarape, [{ id: 1 }, { id: 2 }])
  await igarape.clock.advance({ days: 1 })
  // When it came counts, not the time that it bears.
  await putSales(igarape, [{ id: 3, time: new Date(0) }])

  await igarape.clock.advance({ hours: 23, minutes: 59 })
  expect(await countOf(igarape)).toMatchObject({ events: 3 })
  await igarape.clock.advance({ minutes: 2 })
  expect(await countOf(igarape)).toMatchObject({ events: 1 })
  expect(segmentsOf(igarape)).toHaveLength(1)
  await igarape.clock.advance({ days: 1 })
  expect(await countOf(igarape)).toMatchObject({ events: 0, bytes: 0 })
  await expect.poll(() => segmentsOf(igarape)).toEqual([])

  await putSales(igarape, [{ id: 4 }])
  await events.send(new UpdateArchiveCommand({ ArchiveName: 'tudo', RetentionDays: 0 }))
  await igarape.clock.advance({ days: 400 })
  expect(await countOf(igarape)).toMatchObject({ events: 1 })
  await events.send(new UpdateArchiveCommand({ ArchiveName: 'tudo', RetentionDays: 30 }))
  await igarape.settled()
  expect(await countOf(igarape)).toMatchObject({ events: 0 })
})

test('a deleted archive gives the disk back, and its name is free', async ({ igarape }) => {
  const events = await busWithArchive(igarape)
  await putSales(igarape, [{ id: 1 }])
  expect(segmentsOf(igarape)).toHaveLength(1)

  await events.send(new DeleteArchiveCommand({ ArchiveName: 'tudo' }))
  await expect.poll(() => segmentsOf(igarape)).toEqual([])
  expect((await events.send(new ListRulesCommand({ EventBusName: 'vendas' }))).Rules).toEqual([])
  await events.send(new CreateArchiveCommand({ ArchiveName: 'tudo', EventSourceArn: arn('event-bus/vendas') }))
  await putSales(igarape, [{ id: 2 }])
  expect(await countOf(igarape)).toMatchObject({ events: 1 })
})

test('an archive outlives its bus', async ({ igarape }) => {
  const events = await busWithArchive(igarape)
  await putSales(igarape, [{ id: 1 }])

  await events.send(new DeleteEventBusCommand({ Name: 'vendas' }))
  expect(await countOf(igarape)).toMatchObject({ events: 1, state: 'DISABLED' })
  await events.send(new CreateEventBusCommand({ Name: 'vendas' }))
  await events.send(new UpdateArchiveCommand({ ArchiveName: 'tudo' }))
  await putSales(igarape, [{ id: 2 }])
  expect(await countOf(igarape)).toMatchObject({ events: 2, state: 'ENABLED' })
})

test('CloudFormation makes, changes and removes an archive', async ({ igarape }) => {
  const events = igarape.client(EventBridgeClient)
  const ctx = igarape.server.platform.context({ account: '000000000000', region: 'us-east-1' })
  const stack = { stackName: 'stack', stackId: 'arn:stack', logicalId: 'Thing', tags: {}, token: 't' }
  const r: ResourceContext = { ...ctx, ctx, ...stack, generatedName: () => 'stack-Thing-1A2B3C' }
  const before = { SourceArn: EventSourceArn, EventPattern: { source: ['loja'] }, RetentionDays: 3, Description: 'd' }

  const made = await archiveResource.create(before, r)
  expect(await archiveResource.create(before, r)).toEqual(made)
  expect(made).toEqual({
    id: 'stack-Thing-1A2B3C',
    attributes: { Arn: arn('archive/stack-Thing-1A2B3C'), ArchiveName: 'stack-Thing-1A2B3C' },
  })
  await archiveResource.update?.(made.id, { SourceArn: EventSourceArn, EventPattern: { source: ['x'] } }, before, r)
  expect(await events.send(new DescribeArchiveCommand({ ArchiveName: made.id }))).toMatchObject({
    EventPattern: '{"source":["x"]}',
    RetentionDays: 0,
  })
  await archiveResource.update?.(made.id, { SourceArn: EventSourceArn }, before, r)
  const { EventPattern } = await events.send(new DescribeArchiveCommand({ ArchiveName: made.id }))
  expect(EventPattern).toBeUndefined()
  await archiveResource.delete(made.id, {}, r)
  await archiveResource.delete(made.id, {}, r)
  expect((await events.send(new ListArchivesCommand({}))).Archives).toEqual([])
})
