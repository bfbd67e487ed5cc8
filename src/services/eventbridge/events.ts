/** Events of one's own: PutEvents, entry by entry, and TestEventPattern. */
import type { PutEventsRequestEntry, PutEventsResultEntry } from '@aws-sdk/client-eventbridge'
import { parseArn } from '../../delivery/arn.ts'
import type { Tx } from '../../delivery/context.ts'
import { readJson } from '../../engines/patterns/jsonText.ts'
import { compilePattern } from '../../engines/patterns/pattern.ts'
import { idsOfOneHead, parseTraceHeader, type TraceRef } from '../../observe/traces.ts'
import type { Scope } from '../../store/collection.ts'
import { awsError, NotImplemented } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { buses, busName, getBus } from './buses.ts'
import { compactDetail } from './details.ts'
import { sendUnencrypted, type Unencrypted, unencryptedBuses } from './encryptedBuses.ts'
import { mayCrossInto } from './permissions.ts'
import { type Arrival, router } from './routing.ts'
import { checkPattern } from './rules.ts'

/** All entries of one request together; 256 KB until January 2026 (AWS's announcement of 1 MB payloads). */
const requestBytesMax = 1_048_576

export const eventOperations = operations('eventbridge', {
  async PutEvents(input, ctx) {
    if (input.EndpointId !== undefined) throw NotImplemented('eventbridge:PutEvents with EndpointId')
    const bytes = input.Entries.reduce((sum, entry) => sum + entryBytes(entry), 0)
    if (bytes > requestBytesMax) {
      throw awsError('ValidationException', 'Total size of the entries in the request is over the limit.')
    }
    const unencrypted = await unencryptedBuses(
      input.Entries.map(({ EventBusName }) => EventBusName),
      ctx,
    )
    const entries = await ctx.commit((tx) => {
      const putting = new Putting(tx, ctx.trace, unencrypted)
      const results = input.Entries.map((entry) => putting.put(entry))
      putting.route()
      return results
    })
    return { FailedEntryCount: entries.filter(({ ErrorCode }) => ErrorCode).length, Entries: entries }
  },

  async TestEventPattern(input) {
    checkPattern(input.EventPattern)
    if (!isEnvelope(input.Event)) throw awsError('ValidationException', 'Parameter Event is not valid.')
    return { Result: compilePattern(input.EventPattern).matches(input.Event) }
  },
})

/** As AWS counts: 14 for the time, and the bytes of each text. */
function entryBytes({
  Time,
  Source = '',
  DetailType = '',
  Detail = '',
  Resources = [],
}: PutEventsRequestEntry): number {
  const texts = [Source, DetailType, Detail, ...Resources]
  return (Time ? 14 : 0) + texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
}

/** Events of one request for one bus. */
interface Group {
  there: Tx
  bus: string
  arrivals: Arrival[]
}

/** The entries of one request: each is an event or refused by itself; what goes to one bus goes together. */
class Putting {
  readonly #tx: Tx
  readonly #trace: TraceRef
  readonly #unencrypted: ReadonlyMap<string | undefined, Unencrypted>
  readonly #nextId: () => string
  /** By the name that entries call the bus by. */
  readonly #groups = new Map<string | undefined, Group>()

  constructor(tx: Tx, trace: TraceRef, unencrypted: ReadonlyMap<string | undefined, Unencrypted>) {
    this.#tx = tx
    this.#trace = trace
    this.#unencrypted = unencrypted
    this.#nextId = idsOfOneHead(tx.random)
  }

  put(entry: PutEventsRequestEntry): PutEventsResultEntry {
    const detail = entry.Detail === undefined ? undefined : compactDetail(entry.Detail)
    const refused = refusal(this.#tx, entry, detail)
    if (refused) return refused
    const { there, arrivals } = this.#groupOf(entry.EventBusName)
    const { Source: source = '', DetailType: detailType = '', Resources = [], Time, TraceHeader } = entry
    const { account, now: ingestedAt } = this.#tx
    const id = this.#nextId()
    const time = `${new Date(Time ?? ingestedAt).toISOString().slice(0, 19)}Z`
    const { region } = there
    const head = { version: '0', id, 'detail-type': detailType, source, account, time, region, resources: Resources }
    const json = `${JSON.stringify(head).slice(0, -1)},"detail":${detail}}`
    arrivals.push({
      event: { id, json, source, detailType, account, ingestedAt, forwards: 0 },
      trace: parseTraceHeader(TraceHeader) ?? this.#trace,
    })
    return { EventId: id }
  }

  route(): void {
    for (const [name, { there, bus, arrivals }] of this.#groups) {
      const unencrypted = this.#unencrypted.get(name)
      if (!unencrypted) router(this.#tx).route(there, bus, arrivals)
      else for (const { event, trace } of arrivals) sendUnencrypted(there.at({ trace }), event, unencrypted)
    }
  }

  #groupOf(name: string | undefined): Group {
    let group = this.#groups.get(name)
    if (!group) {
      group = { there: this.#tx.at(busPlace(this.#tx, name)), bus: busName(name), arrivals: [] }
      this.#groups.set(name, group)
    }
    return group
  }
}

function refusal(tx: Tx, entry: PutEventsRequestEntry, detail: string | undefined): PutEventsResultEntry | undefined {
  for (const name of ['Source', 'DetailType', 'Detail'] as const) {
    if (!entry[name]) {
      const text = `Parameter ${name} is not valid. Reason: ${name} is a required argument.`
      return { ErrorCode: 'InvalidArgument', ErrorMessage: text }
    }
  }
  if (entry.Source?.startsWith('aws.')) {
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' }
  }
  if (detail === undefined) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' }
  const place = busPlace(tx, entry.EventBusName)
  if (place.account === tx.account) return undefined
  const there = tx.at(place)
  const bus = getBus(there.in(buses), busName(entry.EventBusName))
  const { Source: source = '', DetailType: detailType = '' } = entry
  if (bus && mayCrossInto(there, bus, { account: tx.account, source, detailType })) return undefined
  const text = `Not authorized to perform events:PutEvents on resource ${entry.EventBusName}.`
  return { ErrorCode: 'AccessDeniedException', ErrorMessage: text }
}

/** A bus may be named by its ARN, in another account or region of this server. */
function busPlace(scope: Scope, nameOrArn: string | undefined): Scope {
  const arn = nameOrArn === undefined ? undefined : parseArn(nameOrArn)
  return arn ? { account: arn.account, region: arn.region } : { account: scope.account, region: scope.region }
}

/** The members that AWS demands of an event that is tested against a pattern. */
const envelopeMembers = ['id', 'account', 'source', 'time', 'region', 'detail-type']

function isEnvelope(json: string): boolean {
  try {
    const event = JSON.parse(json) as unknown
    readJson(json)
    if (event === null || typeof event !== 'object' || Array.isArray(event)) return false
    return envelopeMembers.every((member) => member in event)
  } catch {
    return false
  }
}
