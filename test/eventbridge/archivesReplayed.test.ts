/** Replays: the window, the order, the chosen rules, progress, cancellation, and that nothing is archived again. */
import {
  CancelReplayCommand,
  CreateArchiveCommand,
  DeleteArchiveCommand,
  DeleteEventBusCommand,
  DescribeReplayCommand,
  ListReplaysCommand,
  PutRuleCommand,
  StartReplayCommand,
} from '@aws-sdk/client-eventbridge'
import { expect } from 'vitest'
import { test } from '../fixture.ts'
import {
  arn,
  busWithArchive,
  countOf,
  describeReplay,
  farAhead,
  longAgo,
  putSales,
  received,
  ruleToQueue,
  startReplay,
} from './archiveSamples.ts'

const at = (minute: number, second = 0) => new Date(Date.UTC(2025, 9, 20, 8, minute, second))

test('a replay sends the events of its window again, as they were, with its name in them', async ({ igarape }) => {
  await busWithArchive(igarape)
  await ruleToQueue(igarape, 'fila', { source: ['loja'] })
  await putSales(
    igarape,
    [0, 1, 2, 3].map((id) => ({ id, time: at(id) })),
  )
  const before = await received(igarape, 'fila')

  const started = await startReplay(igarape, 'de-novo', { start: at(1), end: at(3) })
  await igarape.settled()
  const after = await received(igarape, 'fila')

  expect(started).toMatchObject({
    ReplayArn: arn('replay/de-novo'),
    State: 'STARTING',
    ReplayStartTime: expect.any(Date),
  })
  expect(after.map(({ detail }) => detail.id).sort()).toEqual([1, 2])
  for (const event of after) {
    const { 'replay-name': name, ...rest } = event
    expect(name).toBe('de-novo')
    expect(rest).toEqual(before.find(({ id }) => id === event.id))
  }
  expect(Object.keys(after[0] ?? {})).toEqual([
    'version',
    'id',
    'detail-type',
    'source',
    'account',
    'time',
    'region',
    'replay-name',
    'resources',
    'detail',
  ])
  expect(await describeReplay(igarape, 'de-novo')).toMatchObject({
    ReplayName: 'de-novo',
    ReplayArn: arn('replay/de-novo'),
    State: 'COMPLETED',
    EventSourceArn: arn('archive/tudo'),
    Destination: { Arn: arn('event-bus/vendas') },
    EventStartTime: at(1),
    EventEndTime: at(3),
    EventLastReplayedTime: at(2),
    ReplayStartTime: expect.any(Date),
    ReplayEndTime: expect.any(Date),
  })
})

test('replayed events are never archived again, by this archive or another', async ({ igarape }) => {
  const events = await busWithArchive(igarape)
  const EventSourceArn = arn('event-bus/vendas')
  await events.send(
    new CreateArchiveCommand({ ArchiveName: 'outro', EventSourceArn, EventPattern: '{"source":["loja"]}' }),
  )
  await putSales(igarape, [{ id: 1 }, { id: 2 }])

  await startReplay(igarape, 'r')
  await igarape.settled()

  expect(await countOf(igarape)).toMatchObject({ events: 2 })
  expect(await countOf(igarape, 'outro')).toMatchObject({ events: 2 })
})

test('a replay goes by the minute of the events, within a minute as they came', async ({ igarape }) => {
  await busWithArchive(igarape)
  await ruleToQueue(igarape, 'fila', { 'replay-name': [{ exists: true }] })
  const minutes = [5, 3, 5, 0, 3, 9, 0]
  await putSales(
    igarape,
    minutes.map((minute, id) => ({ id, time: at(minute, 59 - id) })),
  )

  await startReplay(igarape, 'r')
  await igarape.settled()

  const ids = (await received(igarape, 'fila')).map(({ detail }) => detail.id)
  expect(ids).toEqual([3, 6, 1, 4, 0, 2, 5])
})

test('a replay reaches only the rules that were chosen, and patterns see its name', async ({ igarape }) => {
  await busWithArchive(igarape)
  await putSales(igarape, [{ id: 1 }, { id: 2, kind: 'troca' }])
  const chosen = await ruleToQueue(igarape, 'trocas', { 'detail-type': ['troca'] })
  await ruleToQueue(igarape, 'tudo', { source: ['loja'] })
  await ruleToQueue(igarape, 'repetidas', { 'replay-name': ['todas'] })

  await startReplay(igarape, 'algumas', { rules: [chosen] })
  await igarape.settled()
  expect((await received(igarape, 'trocas')).map(({ detail }) => detail.id)).toEqual([2])
  expect(await received(igarape, 'tudo')).toEqual([])
  expect(await describeReplay(igarape, 'algumas')).toMatchObject({
    Destination: { Arn: arn('event-bus/vendas'), FilterArns: [chosen] },
  })

  await startReplay(igarape, 'todas')
  await igarape.settled()
  expect(await received(igarape, 'tudo')).toHaveLength(2)
  expect(await received(igarape, 'repetidas')).toHaveLength(2)
})

test('a replay that cannot be is refused in the words of AWS', async ({ igarape }) => {
  const events = await busWithArchive(igarape)
  await events.send(new PutRuleCommand({ Name: 'r', EventPattern: '{"source":["x"]}' }))
  const good = {
    ReplayName: 'r',
    EventSourceArn: arn('archive/tudo'),
    EventStartTime: longAgo,
    EventEndTime: farAhead,
    Destination: { Arn: arn('event-bus/vendas') },
  }
  const start = (settings: object) => events.send(new StartReplayCommand({ ...good, ...settings }))
  const refused = (settings: object, name: string, message: string) =>
    expect(start(settings)).rejects.toMatchObject({ name, message })

  await refused(
    { Destination: { Arn: arn('event-bus/nada') } },
    'ResourceNotFoundException',
    'Event bus nada does not exist.',
  )
  await refused(
    { Destination: { Arn: arn('event-bus/default') } },
    'ValidationException',
    'Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.',
  )
  await refused(
    { Destination: { Arn: arn('rule/r') } },
    'ValidationException',
    'Parameter Destination.Arn is not valid. Reason: Must contain an event bus ARN.',
  )
  await refused(
    { EventSourceArn: arn('archive/nada') },
    'ValidationException',
    'Parameter EventSourceArn is not valid. Reason: Archive nada does not exist.',
  )
  await refused(
    { EventEndTime: longAgo },
    'ValidationException',
    'Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.',
  )
  const FilterArns = [arn('rule/vendas/nada')]
  await refused(
    { Destination: { ...good.Destination, FilterArns } },
    'ResourceNotFoundException',
    'Rule nada does not exist on EventBus vendas.',
  )
  await expect(start({ Destination: { ...good.Destination, FilterArns: [arn('rule/r')] } })).rejects.toMatchObject({
    name: 'ValidationException',
  })
  await start({})
  await refused({}, 'ResourceAlreadyExistsException', 'Replay r already exists.')
  await igarape.settled()
  const missing = { name: 'ResourceNotFoundException', message: 'Replay x does not exist.' }
  await expect(events.send(new DescribeReplayCommand({ ReplayName: 'x' }))).rejects.toMatchObject(missing)
  await expect(events.send(new CancelReplayCommand({ ReplayName: 'x' }))).rejects.toMatchObject(missing)
  await expect(events.send(new CancelReplayCommand({ ReplayName: 'r' }))).rejects.toMatchObject({
    name: 'IllegalStatusException',
    message: 'Replay r is not in a valid state for this operation.',
  })
})

test('ten replays are under way at once, no more, and are listed by pages and by one filter', async ({ igarape }) => {
  const events = await busWithArchive(igarape)
  await putSales(
    igarape,
    Array.from({ length: 600 }, (_, id) => ({ id })),
  )
  igarape.server.platform.runner.abandon()
  for (let n = 0; n < 10; n++) await startReplay(igarape, `r${n}`)

  await expect(startReplay(igarape, 'r10')).rejects.toMatchObject({ name: 'LimitExceededException' })
  igarape.server.platform.runner.start()
  await igarape.settled()
  await startReplay(igarape, 'r10')
  await igarape.settled()

  const list = async (input: object) => {
    const { Replays = [], NextToken } = await events.send(new ListReplaysCommand(input))
    return { names: Replays.map(({ ReplayName }) => ReplayName), NextToken }
  }
  const first = await list({ Limit: 10 })
  expect(first.names).toHaveLength(10)
  expect((await list({ Limit: 10, NextToken: first.NextToken })).names).toEqual(['r9'])
  expect((await list({ NamePrefix: 'r1' })).names).toEqual(['r1', 'r10'])
  expect((await list({ State: 'COMPLETED' })).names).toHaveLength(11)
  expect((await list({ EventSourceArn: arn('archive/outro') })).names).toEqual([])
  await expect(list({ NamePrefix: 'r', State: 'RUNNING' })).rejects.toMatchObject({
    message: 'At most one filter is allowed for ListReplays. Use either : State, EventSourceArn, or NamePrefix.',
  })
})

test('a cancelled replay ends before its next batch', async ({ igarape }) => {
  const events = await busWithArchive(igarape)
  const count = 20_000
  const ctx = igarape.server.platform.context({ account: '000000000000', region: 'us-east-1' })
  for (let start = 0; start < count; start += 200) {
    const Entries = Array.from({ length: 200 }, (_, n) => ({
      EventBusName: 'vendas',
      Source: 'loja',
      DetailType: 'venda',
      Detail: '{}',
      Time: at(start + n),
    }))
    await ctx.call('eventbridge').PutEvents({ Entries })
  }
  const progress = async () => (await describeReplay(igarape, 'r')).EventLastReplayedTime

  await startReplay(igarape, 'r')
  await expect.poll(progress, { interval: 1 }).toBeDefined()
  const cancelled = await events.send(new CancelReplayCommand({ ReplayName: 'r' }))
  expect(cancelled).toMatchObject({ ReplayArn: arn('replay/r'), State: 'CANCELLING' })
  await igarape.settled()

  expect(await describeReplay(igarape, 'r')).toMatchObject({ State: 'CANCELLED', ReplayEndTime: expect.any(Date) })
  expect((await progress())?.getTime()).toBeLessThan(at(count - 1).getTime())
}, 30_000)

test('a replay whose archive or bus has gone fails, and says why', async ({ igarape }) => {
  const events = await busWithArchive(igarape)
  await putSales(igarape, [{ id: 1 }])
  igarape.server.platform.runner.abandon()
  await startReplay(igarape, 'a')
  await events.send(new DeleteArchiveCommand({ ArchiveName: 'tudo' }))
  await events.send(new CreateArchiveCommand({ ArchiveName: 'tudo', EventSourceArn: arn('event-bus/vendas') }))
  await startReplay(igarape, 'b')
  igarape.server.platform.runner.start()
  await igarape.settled()
  expect(await describeReplay(igarape, 'a')).toMatchObject({
    State: 'FAILED',
    StateReason: 'Archive tudo does not exist.',
  })
  expect(await describeReplay(igarape, 'b')).toMatchObject({ State: 'COMPLETED' })

  igarape.server.platform.runner.abandon()
  await startReplay(igarape, 'c')
  await events.send(new DeleteEventBusCommand({ Name: 'vendas' }))
  igarape.server.platform.runner.start()
  await igarape.settled()
  expect(await describeReplay(igarape, 'c')).toMatchObject({
    State: 'FAILED',
    StateReason: 'Event bus vendas does not exist.',
  })
})

test('what is archived after a replay has begun is not in it', async ({ igarape }) => {
  await busWithArchive(igarape)
  await ruleToQueue(igarape, 'fila', { 'replay-name': [{ exists: true }] })
  await putSales(igarape, [{ id: 1 }])
  igarape.server.platform.runner.abandon()
  await startReplay(igarape, 'r')
  await putSales(igarape, [{ id: 2 }])
  igarape.server.platform.runner.start()
  await igarape.settled()

  expect((await received(igarape, 'fila')).map(({ detail }) => detail.id)).toEqual([1])
})
