/** What the nouns of this service ask of the router, which exists once a server (router.ts). */
import type { Tx } from '../../delivery/context.ts'
import { singleton } from '../../delivery/singleton.ts'
import type { TraceRef } from '../../observe/traces.ts'
import type { Scope } from '../../store/collection.ts'
import type { Rule } from './rules.ts'

/** An event on its way: its envelope as the very JSON that targets receive. */
export interface RoutedEvent {
  id: string
  json: string
  source: string
  detailType: string
  /** When EventBridge took it in. */
  ingestedAt: number
  /** The account it came from first. */
  account: string
  /** Buses it has passed. */
  forwards: number
}

/** And where in which trace it is. */
export interface Arrival {
  event: RoutedEvent
  trace: TraceRef
}

export interface EventRouter {
  /** Hands each event to every rule of the bus that it matches, inside the commit; each rule gets its events in their order. */
  route(tx: Tx, bus: string, arrivals: readonly Arrival[]): void
  /** Hands an event to one rule's targets: a schedule's. */
  fire(tx: Tx, rule: Rule, event: RoutedEvent, trace: TraceRef): void
  /**
   * Hands events of an archive to the rules that they match, or those of them that are named. Their hops would crowd out
   * all others: `tx.trace` is the replay's.
   */
  replay(tx: Tx, bus: string, events: readonly RoutedEvent[], only: ReadonlySet<string> | undefined): void
  /** The compiled rules follow once the commit stands. */
  ruleChanged(tx: Tx, rule: Pick<Rule, 'bus' | 'name'>): void
  busChanged(tx: Tx, bus: string): void
  /** Rules of a bus, whatever their state: as of the last commit. */
  ruleCount(scope: Scope, bus: string): number
  /** The last events that came to a bus, the newest first. */
  recentEvents(scope: Scope, bus: string): readonly string[]
}

export const eventRouter = singleton<EventRouter>('event router')

export function router(tx: Tx): EventRouter {
  return tx.use(eventRouter)
}
