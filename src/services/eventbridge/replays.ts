/**
 * Replays: events of an archive, sent again to the rules of the bus that they came from. replaying.ts does the work.
 * Words of errors: recorded answers of AWS; limits: EventBridge User Guide, "Replaying archived Amazon EventBridge events".
 */
import type { ReplayDestination, ReplayState } from '@aws-sdk/client-eventbridge'
import type { Millis } from '../../clock.ts'
import { type Arn, parseArn } from '../../delivery/arn.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { dueQueue } from '../../delivery/due.ts'
import { collection, type Scope } from '../../store/collection.ts'
import { logs, type Position } from '../../store/segments.ts'
import { awsError, awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { type Archive, archives } from './archives.ts'
import { buses, mustGetBus } from './buses.ts'
import { pageOf } from './pages.ts'
import type { Cursor } from './replayReader.ts'
import { mustGetRule } from './rules.ts'

export interface Replay {
  name: string
  archive: string
  /** The archive's log: an archive of the same name that came later is another. */
  log: string
  bus: string
  description?: string
  destination: { arn: Arn; filterArns?: Arn[] }
  start: Millis
  /** Exclusive. */
  end: Millis
  /** Where the archive ended when the replay began. */
  upTo: Position
  state: ReplayState
  stateReason?: string
  startedAt: Millis
  endedAt?: Millis
  /** The last event that was replayed, and its time. */
  cursor?: Cursor
  lastReplayedAt?: Millis
  /** Batches that were replayed: each is due work of its own. */
  batches: number
}

export const replays = collection<Replay>('eventbridge/replays', { version: 1, key: (replay) => [replay.name] })
/** One row for each replay under way: its next batch. */
export const replayBatches = dueQueue<{ id: string; dueAt: Millis; replay: string }>('eventbridge/replay-batches')

const { IllegalStatusException, LimitExceededException, ResourceAlreadyExistsException, ResourceNotFoundException } =
  awsErrors('eventbridge')
/** Under way at once in one account and region. */
const activeMax = 10
const activeStates: readonly ReplayState[] = ['STARTING', 'RUNNING', 'CANCELLING']

function replayArn(name: string, { account, region }: Scope): Arn {
  return `arn:aws:events:${region}:${account}:replay/${name}`
}

/** Errors: ResourceNotFoundException. */
function mustGetReplay(place: Pick<Context | Tx, 'in'>, name: string): Replay {
  const replay = place.in(replays).get(name)
  if (!replay) throw ResourceNotFoundException(`Replay ${name} does not exist.`)
  return replay
}

export const replayOperations = operations('eventbridge', {
  async StartReplay(input, ctx) {
    const { ReplayName: name, Destination, EventStartTime, EventEndTime } = input
    const replay = await ctx.commit((tx) => {
      const bus = destinationBus(tx, String(Destination.Arn))
      const archive = sourceArchive(tx, input.EventSourceArn)
      if (archive.bus !== bus) {
        throw invalid('Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.')
      }
      if (EventEndTime <= EventStartTime) {
        throw invalid('Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.')
      }
      for (const arn of Destination.FilterArns ?? []) checkFilter(tx, bus, arn)
      if (tx.in(replays).has(name)) throw ResourceAlreadyExistsException(`Replay ${name} already exists.`)
      const active = [...tx.in(replays).list()].filter(({ state }) => activeStates.includes(state))
      if (active.length >= activeMax) {
        throw LimitExceededException('The requested resource exceeds the maximum number allowed.')
      }
      const begun: Replay = {
        name,
        archive: archive.name,
        log: archive.log,
        bus,
        ...(input.Description !== undefined && { description: input.Description }),
        destination: {
          arn: String(Destination.Arn),
          ...(Destination.FilterArns && { filterArns: Destination.FilterArns }),
        },
        start: EventStartTime.getTime(),
        end: EventEndTime.getTime(),
        upTo: endOf(tx, archive.log),
        state: 'STARTING',
        startedAt: tx.now,
        batches: 0,
      }
      tx.in(replays).put(begun)
      tx.due(replayBatches).put({ id: batchId(begun), dueAt: tx.now, replay: name })
      return begun
    })
    return { ReplayArn: replayArn(name, ctx), State: replay.state, ReplayStartTime: new Date(replay.startedAt) }
  },

  async DescribeReplay(input, ctx) {
    const replay = mustGetReplay(ctx, input.ReplayName)
    const { arn, filterArns } = replay.destination
    const destination: ReplayDestination = { Arn: arn, ...(filterArns && { FilterArns: filterArns }) }
    return {
      ReplayArn: replayArn(replay.name, ctx),
      ...listed(replay, ctx),
      ...(replay.description !== undefined && { Description: replay.description }),
      Destination: destination,
    }
  },

  async ListReplays(input, ctx) {
    const { NamePrefix, EventSourceArn, State } = input
    if ([NamePrefix, EventSourceArn, State].filter((filter) => filter !== undefined).length > 1) {
      throw invalid('At most one filter is allowed for ListReplays. Use either : State, EventSourceArn, or NamePrefix.')
    }
    const wanted = [...ctx.in(replays).list({ startsWith: NamePrefix ?? '' })].filter(
      ({ archive, state }) =>
        (EventSourceArn === undefined || archiveName(EventSourceArn) === archive) &&
        (State === undefined || State === state),
    )
    const { items, nextToken } = pageOf(wanted, ({ name }) => [name], { token: input.NextToken, limit: input.Limit })
    return { Replays: items.map((replay) => listed(replay, ctx)), ...(nextToken && { NextToken: nextToken }) }
  },

  /** The batch that is due next sees it. */
  async CancelReplay(input, ctx) {
    const name = input.ReplayName
    await ctx.commit((tx) => {
      const replay = mustGetReplay(tx, name)
      if (replay.state !== 'STARTING' && replay.state !== 'RUNNING') {
        throw IllegalStatusException(`Replay ${name} is not in a valid state for this operation.`)
      }
      tx.in(replays).put({ ...replay, state: 'CANCELLING' })
    })
    return { ReplayArn: replayArn(name, ctx), State: 'CANCELLING' as const }
  },
})

export function batchId({ name, batches }: Replay): string {
  return `${name}/${batches}`
}

/** The name of the bus. Errors: ValidationException, ResourceNotFoundException. */
function destinationBus(tx: Tx, destination: string): string {
  const arn = parseArn(destination)
  if (arn?.service !== 'events' || !arn.resource.startsWith('event-bus/')) {
    throw invalid('Parameter Destination.Arn is not valid. Reason: Must contain an event bus ARN.')
  }
  const name = arn.resource.slice('event-bus/'.length)
  if (arn.account !== tx.account || arn.region !== tx.region) {
    throw ResourceNotFoundException(`Event bus ${name} does not exist.`)
  }
  return mustGetBus(tx.in(buses), name).name
}

/** Errors: ValidationException. */
function sourceArchive(tx: Tx, sourceArn: string): Archive {
  const name = archiveName(sourceArn)
  if (name === undefined) {
    throw invalid('Parameter EventSourceArn is not valid. Reason: Must contain an archive ARN.')
  }
  const arn = parseArn(sourceArn)
  const archive = arn?.account === tx.account && arn.region === tx.region ? tx.in(archives).get(name) : undefined
  if (!archive) throw invalid(`Parameter EventSourceArn is not valid. Reason: Archive ${name} does not exist.`)
  return archive
}

function archiveName(arn: string): string | undefined {
  const parts = parseArn(arn)
  return parts?.service === 'events' ? /^archive\/(.+)$/.exec(parts.resource)?.[1] : undefined
}

/** Errors: ValidationException for what is no rule of the bus, ResourceNotFoundException for one that is not there. */
function checkFilter(tx: Tx, bus: string, arn: string): void {
  const rule = ruleOf(arn)
  if (rule?.bus !== bus) {
    throw invalid(
      `Parameter Destination.FilterArns is not valid. Reason: ${arn} is not a rule of the destination event bus.`,
    )
  }
  mustGetRule(tx, bus, rule.name)
}

/** `rule/name` on the default bus, `rule/bus/name` on another. */
export function ruleOf(arn: string): { bus: string; name: string } | undefined {
  const found = /^rule\/(?:(.+)\/)?([^/]+)$/.exec(parseArn(arn)?.resource ?? '')
  return found ? { bus: found[1] ?? 'default', name: found[2] as string } : undefined
}

function endOf(tx: Tx, log: string): Position {
  const { open, nextSegment = 0 } = tx.in(logs).get(log) ?? {}
  return open ? { segment: open.segment, offset: open.offset + open.bytes } : { segment: nextSegment, offset: 0 }
}

function listed(replay: Replay, scope: Scope) {
  const { name, archive, state, stateReason, start, end, lastReplayedAt, startedAt, endedAt } = replay
  return {
    ReplayName: name,
    EventSourceArn: `arn:aws:events:${scope.region}:${scope.account}:archive/${archive}`,
    State: state,
    ...(stateReason !== undefined && { StateReason: stateReason }),
    EventStartTime: new Date(start),
    EventEndTime: new Date(end),
    ...(lastReplayedAt !== undefined && { EventLastReplayedTime: new Date(lastReplayedAt) }),
    ReplayStartTime: new Date(startedAt),
    ...(endedAt !== undefined && { ReplayEndTime: new Date(endedAt) }),
  }
}

function invalid(text: string) {
  return awsError('ValidationException', text)
}
