/**
 * The router: from an event to the rules it matches, to their targets, all inside the commit that caused the event.
 * Compiled rules are kept per bus and follow the store: a change marks its rule once its commit stands, and a store
 * that lost commits or was emptied (its generation grew) is read anew. So a rolled-back change is never compiled.
 */
import type { Arn } from '../../delivery/arn.ts'
import type { Tx } from '../../delivery/context.ts'
import type { EventEnvelope, EventSink } from '../../delivery/events.ts'
import { countTimes } from '../../delivery/metering.ts'
import type { Platform } from '../../delivery/platform.ts'
import { compilePattern } from '../../engines/patterns/pattern.ts'
import { RuleSet } from '../../engines/patterns/ruleSet.ts'
import type { TraceRef } from '../../observe/traces.ts'
import type { Scope } from '../../store/collection.ts'
import { archiveEvent } from './archiving.ts'
import { busArn, buses, getBus } from './buses.ts'
import { RecentEvents } from './recentEvents.ts'
import type { Arrival, EventRouter, RoutedEvent } from './routing.ts'
import { ruleArn as arnOfRule, type Rule, rules } from './rules.ts'
import { type Sending, sendingTo, sendToTarget } from './sending.ts'

interface CompiledRule {
  rule: Rule
  ruleArn: Arn
  sendings: Sending[]
}

interface CompiledBus {
  generation: number
  arn: Arn
  /** Nobody makes or deletes a bus and puts events on it in one commit. */
  exists: boolean
  /** All of them: with a pattern or a schedule, enabled or not. */
  ruleNames: Set<string>
  patterns: RuleSet
  rules: Map<string, CompiledRule>
  /** Rules that changed since they were compiled. */
  changed: Set<string>
}

export class Router implements EventRouter, EventSink {
  readonly #platform: Platform
  readonly #buses = new Map<string, CompiledBus>()
  readonly #recent = new RecentEvents()

  constructor(platform: Platform) {
    this.#platform = platform
  }

  put(tx: Tx, event: EventEnvelope, { bus, trace }: { bus: string; trace: TraceRef }): void {
    const { id, source, 'detail-type': detailType, account } = event
    const json = JSON.stringify(event)
    const routed = { id, json, source, detailType, account, ingestedAt: tx.now, forwards: 0 }
    this.route(tx, bus, [{ event: routed, trace }])
  }

  route(tx: Tx, bus: string, arrivals: readonly Arrival[]): void {
    const compiled = this.#compiled(tx, bus)
    if (!compiled.exists) {
      // AWS takes the event and says nothing; the trace does say it.
      const end = { action: 'dropped', status: 'failed', error: `Event bus ${bus} does not exist.` } as const
      for (const { event, trace } of arrivals) tx.at({ trace }).hop({ ...hopOf(event), ...end })
      return
    }
    const firing = new Firing()
    for (const { event, trace } of arrivals) {
      const matched = compiled.patterns.match(event.json)
      const detail = { bus, rulesMatched: matched.length }
      firing.add(matched, { event, trace: tx.at({ trace }).hop({ ...hopOf(event), action: 'event', detail }) })
    }
    tx.afterApply(() => this.#recent.add(tx, bus, arrivals))
    countTimes(tx, compiled.arn, arrivals.length, 'eventsReceived')
    if (firing.events > 0) countTimes(tx, compiled.arn, firing.events, 'eventsMatched')
    for (const [name, those] of firing.byRule) this.#fire(tx, compiled.rules.get(name) as CompiledRule, those)
  }

  fire(tx: Tx, rule: Rule, event: RoutedEvent, trace: TraceRef): void {
    this.#fire(tx, compiledRule(rule, tx), [{ event, trace }])
  }

  #fire(tx: Tx, { rule, ruleArn, sendings }: CompiledRule, arrivals: readonly Arrival[]): void {
    if (rule.archiveLog !== undefined) {
      for (const { event } of arrivals) archiveEvent(tx, rule, event)
      return
    }
    const hop = { service: 'eventbridge', action: 'matched', resource: rule.name, detail: { bus: rule.bus } }
    const below = arrivals.map(({ event, trace }) => ({ event, trace: tx.at({ trace }).hop(hop) }))
    countTimes(tx, ruleArn, arrivals.length, 'rulesTriggered')
    for (const sending of sendings) sendToTarget(tx, sending, below)
  }

  replay(tx: Tx, bus: string, events: readonly RoutedEvent[], only: ReadonlySet<string> | undefined): void {
    const compiled = this.#compiled(tx, bus)
    const firing = new Firing()
    for (const event of events) {
      const matched = compiled.patterns.match(event.json)
      firing.add(only ? matched.filter((name) => only.has(name)) : matched, { event, trace: tx.trace })
    }
    for (const [name, those] of firing.byRule) {
      const { ruleArn, sendings } = compiled.rules.get(name) as CompiledRule
      countTimes(tx, ruleArn, those.length, 'rulesTriggered')
      for (const sending of sendings) sendToTarget(tx, sending, those)
    }
  }

  ruleChanged(tx: Tx, { bus, name }: Pick<Rule, 'bus' | 'name'>): void {
    tx.afterApply(() => this.#buses.get(busKey(tx, bus))?.changed.add(name))
  }

  busChanged(tx: Tx, bus: string): void {
    tx.afterApply(() => this.#buses.delete(busKey(tx, bus)))
  }

  ruleCount(scope: Scope, bus: string): number {
    return this.#compiled(scope, bus).ruleNames.size
  }

  recentEvents(scope: Scope, bus: string): readonly string[] {
    return this.#recent.of(scope, bus)
  }

  reset(): void {
    this.#buses.clear()
    this.#recent.clear()
  }

  #compiled(scope: Scope, bus: string): CompiledBus {
    const { store } = this.#platform
    let compiled = this.#buses.get(busKey(scope, bus))
    if (!compiled || compiled.generation !== store.generation) {
      const all = [...store.newest(rules, scope).list({ prefix: [bus] })].map(({ name }) => name)
      const exists = getBus(store.newest(buses, scope), bus) !== undefined
      const { generation } = store
      const none = { patterns: new RuleSet(), rules: new Map(), ruleNames: new Set<string>() }
      compiled = { generation, arn: busArn(bus, scope), exists, ...none, changed: new Set(all) }
      // Anyone may name any bus: those that are not there leave nothing behind.
      if (exists) this.#buses.set(busKey(scope, bus), compiled)
    }
    if (compiled.changed.size > 0) {
      for (const name of compiled.changed) this.#compile(scope, bus, name, compiled)
      compiled.changed.clear()
    }
    return compiled
  }

  #compile(scope: Scope, bus: string, name: string, compiled: CompiledBus): void {
    const rule = this.#platform.store.newest(rules, scope).get(bus, name)
    compiled.patterns.remove(name)
    compiled.rules.delete(name)
    if (rule) compiled.ruleNames.add(name)
    else compiled.ruleNames.delete(name)
    if (!rule?.pattern || rule.state === 'DISABLED') return
    compiled.patterns.add(name, compilePattern(rule.pattern))
    compiled.rules.set(name, compiledRule(rule, scope))
  }
}

/** Events by the rules that they matched. */
class Firing {
  readonly byRule = new Map<string, Arrival[]>()
  /** That matched any. */
  events = 0

  add(rules: readonly string[], arrival: Arrival): void {
    if (rules.length > 0) this.events++
    for (const rule of rules) {
      const others = this.byRule.get(rule)
      if (others) others.push(arrival)
      else this.byRule.set(rule, [arrival])
    }
  }
}

function compiledRule(rule: Rule, scope: Scope): CompiledRule {
  const ref = { ruleArn: arnOfRule(rule, scope), ruleName: rule.name }
  return { rule, ruleArn: ref.ruleArn, sendings: rule.targets.map((target) => sendingTo(target, ref)) }
}

function busKey({ account, region }: Scope, bus: string): string {
  return `${account}/${region}/${bus}`
}

function hopOf({ id, source, detailType }: RoutedEvent) {
  return { service: 'eventbridge', resource: `${source}: ${detailType}`, subjects: [id] }
}
