/**
 * Archives: events of a bus, kept for replays. The events lie in a log of segments (archiving.ts appends, archiveExpiry.ts
 * forgets, replaying.ts reads). Words of errors: recorded answers of AWS, and the EventBridge API Reference.
 */
import type { ArchiveState } from '@aws-sdk/client-eventbridge'
import type { Millis } from '../../clock.ts'
import { type Arn, parseArn } from '../../delivery/arn.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { segmentLogs } from '../../delivery/logs.ts'
import { collection, type Scope } from '../../store/collection.ts'
import { awsError, awsErrors, NotImplemented } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { archiveExpiries, planExpiry } from './archiveExpiry.ts'
import { removeArchiveRule, saveArchiveRule } from './archiving.ts'
import { buses, mustGetBus } from './buses.ts'
import { pageOf } from './pages.ts'
import { checkPattern } from './rules.ts'

export interface Archive {
  name: string
  /** Its events' log; a name that no other archive has had. */
  log: string
  bus: string
  description?: string
  /** What of the bus is kept; absent or empty: all. */
  pattern?: string
  /** 0: for ever. */
  retentionDays: number
  state: ArchiveState
  stateReason?: string
  createdAt: Millis
}

export const archives = collection<Archive>('eventbridge/archives', { version: 1, key: (archive) => [archive.name] })

const { ResourceAlreadyExistsException, ResourceNotFoundException } = awsErrors('eventbridge')

export function archiveArn(name: string, { account, region }: Scope): Arn {
  return `arn:aws:events:${region}:${account}:archive/${name}`
}

/** Errors: ResourceNotFoundException. */
function mustGetArchive(place: Pick<Context | Tx, 'in'>, name: string): Archive {
  const archive = place.in(archives).get(name)
  if (!archive) throw ResourceNotFoundException(`Archive ${name} does not exist.`)
  return archive
}

export const archiveOperations = operations('eventbridge', {
  async CreateArchive(input, ctx) {
    refuseKey('CreateArchive', input.KmsKeyIdentifier)
    if (input.EventPattern) checkPattern(input.EventPattern)
    const archive = await ctx.commit((tx) => {
      const bus = sourceBus(tx, input.EventSourceArn)
      if (tx.in(archives).has(input.ArchiveName)) {
        throw ResourceAlreadyExistsException(`Archive ${input.ArchiveName} already exists.`)
      }
      return saveArchive(tx, {
        name: input.ArchiveName,
        log: `archive-${tx.random.uuid()}`,
        bus,
        retentionDays: 0,
        state: 'ENABLED',
        createdAt: tx.now,
        ...settings(input),
      })
    })
    return summary(archive, ctx)
  },

  async UpdateArchive(input, ctx) {
    refuseKey('UpdateArchive', input.KmsKeyIdentifier)
    if (input.EventPattern) checkPattern(input.EventPattern)
    const archive = await ctx.commit((tx) => {
      const { stateReason: _, ...before } = mustGetArchive(tx, input.ArchiveName)
      mustGetBus(tx.in(buses), before.bus)
      return saveArchive(tx, { ...before, ...settings(input), state: 'ENABLED' })
    })
    return summary(archive, ctx)
  },

  async DescribeArchive(input, ctx) {
    const archive = mustGetArchive(ctx, input.ArchiveName)
    return {
      ArchiveArn: archiveArn(archive.name, ctx),
      ...listed(archive, ctx),
      ...(archive.description !== undefined && { Description: archive.description }),
      ...(archive.pattern && { EventPattern: archive.pattern }),
    }
  },

  async ListArchives(input, ctx) {
    const { NamePrefix, EventSourceArn, State } = input
    if ([NamePrefix, EventSourceArn, State].filter((filter) => filter !== undefined).length > 1) {
      const text = 'At most one filter is allowed for ListArchives. Use either : State, EventSourceArn, or NamePrefix.'
      throw awsError('ValidationException', text)
    }
    const bus = EventSourceArn === undefined ? undefined : sourceBus(ctx, EventSourceArn)
    const all = [...ctx.in(archives).list({ startsWith: NamePrefix ?? '' })]
    const wanted = all.filter(
      (archive) => (bus === undefined || archive.bus === bus) && (State === undefined || archive.state === State),
    )
    const { items, nextToken } = pageOf(wanted, ({ name }) => [name], { token: input.NextToken, limit: input.Limit })
    return { Archives: items.map((archive) => listed(archive, ctx)), ...(nextToken && { NextToken: nextToken }) }
  },

  async DeleteArchive(input, ctx) {
    await ctx.commit((tx) => {
      const archive = mustGetArchive(tx, input.ArchiveName)
      removeArchiveRule(tx, archive)
      tx.use(segmentLogs).drop(tx, archive.log)
      tx.due(archiveExpiries).delete(archive.name)
      tx.in(archives).delete(archive.name)
    })
    return {}
  },
})

function saveArchive(tx: Tx, archive: Archive): Archive {
  tx.in(archives).put(archive)
  saveArchiveRule(tx, archive)
  planExpiry(tx, archive)
  return archive
}

/** Errors: NotImplemented: nothing here is encrypted, and a key that is kept would say that it is. */
function refuseKey(operation: string, key: string | undefined): void {
  if (key) throw NotImplemented(`eventbridge:${operation} with KmsKeyIdentifier`)
}

/** The name of the bus. Errors: ValidationException, ResourceNotFoundException. */
function sourceBus(place: Pick<Context | Tx, 'in' | 'account' | 'region'>, sourceArn: string): string {
  const arn = parseArn(sourceArn)
  if (arn?.service !== 'events' || !arn.resource.startsWith('event-bus/')) {
    throw awsError(
      'ValidationException',
      'Parameter EventSourceArn is not valid. Reason: Must contain an event bus ARN.',
    )
  }
  const name = arn.resource.slice('event-bus/'.length)
  if (arn.account !== place.account || arn.region !== place.region) {
    throw ResourceNotFoundException(`Event bus ${name} does not exist.`)
  }
  return mustGetBus(place.in(buses), name).name
}

interface SettingsInput {
  Description?: string | undefined
  EventPattern?: string | undefined
  RetentionDays?: number | undefined
}

/** What is not given stays as it was. */
function settings({ Description, EventPattern, RetentionDays }: SettingsInput) {
  return {
    ...(Description !== undefined && { description: Description }),
    ...(EventPattern !== undefined && { pattern: EventPattern }),
    ...(RetentionDays !== undefined && { retentionDays: RetentionDays }),
  }
}

function summary(archive: Archive, ctx: Context) {
  return {
    ArchiveArn: archiveArn(archive.name, ctx),
    State: archive.state,
    CreationTime: new Date(archive.createdAt),
  }
}

function listed(archive: Archive, ctx: Context) {
  const { name, bus, state, stateReason, retentionDays, createdAt } = archive
  const log = ctx.use(segmentLogs).get(archive.log)
  return {
    ArchiveName: name,
    EventSourceArn: `arn:aws:events:${ctx.region}:${ctx.account}:event-bus/${bus}`,
    State: state,
    ...(stateReason !== undefined && { StateReason: stateReason }),
    RetentionDays: retentionDays,
    SizeBytes: log?.bodyBytes ?? 0,
    EventCount: log?.entries ?? 0,
    CreationTime: new Date(createdAt),
  }
}
