/** Plans by the thousand: a seed decides the whole of one. */
import { type Random, seededRandom } from '../../src/clock.ts'
import type {
  ChangePlan,
  Detail,
  EndpointPlan,
  FunctionPlan,
  Plan,
  QueuePlan,
  RoundPlan,
  RulePlan,
  SubscriptionPlan,
  TargetPlan,
  TopicPlan,
  WritePlan,
} from './plan.ts'
import { isFifo } from './plan.ts'

const lojas = ['a', 'b', 'c']
const prefixes = ['raw/', 'app.log/', 'old//']

export function planFrom(seed: number): Plan {
  return new Draw(seededRandom(seed)).plan(seed)
}

class Draw {
  readonly #random: Random
  #queues: string[] = []
  #letters: string[] = []
  #hopeless: string[] = []
  #topics: string[] = []
  #functions: string[] = []
  #endpoints: string[] = []
  #buses: string[] = []
  /** Those that match events, which may be changed. */
  #rules: RulePlan[] = []
  /** A rule of a name that is there would replace it. */
  #newRules = 0
  /** Buses in a ring: there, rules lead to no other bus, for what branches in a cycle has no end. */
  #isRing = false
  #changes = false

  constructor(random: Random) {
    this.#random = random
  }

  plan(seed: number): Plan {
    this.#letters = this.#names('letters', 1, 2)
    this.#queues = [...this.#names('queue', 2, 4), ...this.#names('order', 0, 2).map((name) => `${name}.fifo`)]
    this.#topics = [...this.#names('topic', 0, 2), ...this.#names('news', 0, 1).map((name) => `${name}.fifo`)]
    this.#functions = this.#names('function', 0, 2)
    this.#endpoints = this.#names('endpoint', 0, 2)
    this.#buses = this.#names('bus', 1, 3)
    this.#isRing = this.#chance(0.1)
    this.#changes = !this.#isRing && this.#chance(0.4)
    const queues = this.#queues.map((name) => this.#queue(name))
    // SNS would try them each 20 seconds for 23 days, which shows nothing and takes long.
    this.#hopeless = queues.filter(({ fails }) => fails === 'always').map(({ name }) => name)
    const rules = [...this.#list(2, 6, (at) => this.#rule(`rule${at}`)), ...(this.#isRing ? this.#ring() : [])]
    this.#rules = rules.filter(({ everyMinutes }) => everyMinutes === undefined)
    return {
      seed,
      queues: [...queues, ...this.#letters.map((name) => ({ name }))],
      topics: this.#topics.map((name) => this.#topic(name)),
      functions: this.#functions.map((name) => this.#function(name)),
      endpoints: this.#endpoints.map((name) => this.#endpoint(name)),
      buses: this.#buses,
      rules,
      notifications: this.#list(0, 2, (at) => ({ queue: this.#standard(), prefix: prefixes[at] as string })),
      rounds: this.#list(2, 4, () => this.#round()),
    }
  }

  #queue(name: string): QueuePlan {
    const draw = this.#random.fraction()
    return {
      name,
      ...(draw < 0.1 && { denies: true }),
      ...(draw >= 0.7 && { fails: draw > 0.9 && !this.#isRing ? ('always' as const) : this.#between(1, 4) }),
      ...(!isFifo(name) &&
        this.#chance(0.3) && { redrive: { to: this.#pick(this.#letters), receives: this.#between(1, 3) } }),
    }
  }

  #topic(name: string): TopicPlan {
    const to = () => (isFifo(name) ? this.#pick(this.#queues.filter(isFifo), 'no-queue.fifo') : this.#anySubscriber())
    const subscriptions = this.#list(0, 3, (): SubscriptionPlan => {
      const filter = this.#chance(0.4) && { wants: lojas.slice(this.#between(0, 2)) }
      return { to: to(), ...(this.#chance(0.5) && { raw: true }), ...filter, ...this.#deadLetter(0.5) }
    })
    // One subscription for each endpoint, as SNS has it.
    const hopeful = subscriptions.filter(({ to }) => !this.#hopeless.includes(to))
    const byEndpoint = new Map(hopeful.map((one) => [one.to, one]))
    return { name, ...(this.#chance(0.1) && { denies: true }), subscriptions: [...byEndpoint.values()] }
  }

  #function(name: string): FunctionPlan {
    return {
      name,
      fails: this.#chance(0.3) ? 'always' : this.#between(0, 3),
      retries: this.#between(0, 2),
      ...(this.#chance(0.7) && { onFailure: this.#pick(this.#letters) }),
      ...(this.#chance(0.4) && { onSuccess: this.#standard() }),
    }
  }

  #endpoint(name: string): EndpointPlan {
    const draw = this.#random.fraction()
    return {
      name,
      authorization: this.#pick(['basic', 'key', 'oauth']),
      perSecond: this.#pick([1, 2, 300]),
      ...(draw < 0.1 && { refuses: true }),
      ...(draw >= 0.5 && { fails: draw > 0.9 ? ('always' as const) : this.#between(1, 4) }),
    }
  }

  /** Each bus leads to the next, and the last to the first, which may be itself. */
  #ring(): RulePlan[] {
    return this.#buses.map((bus, at) => {
      const to = this.#buses[(at + 1) % this.#buses.length] as string
      const target = { id: 'target0', kind: 'bus' as const, to, ...this.#deadLetter(0.6) }
      return { name: `ring${at}`, bus, pattern: this.#pattern(bus), targets: [target] }
    })
  }

  #rule(name: string): RulePlan {
    const bus = this.#chance(0.25) ? 'default' : this.#pick(this.#buses)
    const isScheduled = bus === 'default' && this.#chance(0.3)
    return {
      name,
      bus,
      ...(isScheduled ? { everyMinutes: this.#pick([5, 15, 60]) } : { pattern: this.#pattern(bus) }),
      ...(this.#chance(0.05) && { isDisabled: true }),
      targets: this.#list(1, 3, (at) => this.#target(`target${at}`, bus)),
    }
  }

  #pattern(bus: string): object {
    if (bus === 'default') {
      return { source: ['aws.s3'], detail: { object: { key: [{ prefix: this.#pick(prefixes) }, { suffix: '7' }] } } }
    }
    const threshold = this.#between(0, 9)
    return this.#pick<object>([
      { source: ['loja'] },
      { detail: { loja: [this.#pick(lojas)] } },
      { detail: { loja: [{ 'anything-but': this.#pick(lojas) }], valor: [{ numeric: ['>=', threshold] }] } },
      { detail: { valor: [{ numeric: ['>', threshold, '<', threshold + 5] }] } },
      { detail: { tags: [{ prefix: 'x' }, 'yy'] } },
      { detail: { nota: { autor: [{ exists: this.#chance(0.5) }] } } },
      { detail: { $or: [{ loja: [this.#pick(lojas)] }, { valor: [threshold] }] } },
      { detail: { loja: [{ 'equals-ignore-case': 'A' }] }, 'detail-type': [{ wildcard: 've*a' }] },
    ])
  }

  #target(id: string, bus: string): TargetPlan {
    // Only towards later buses: the one cycle of a plan is its ring.
    const later = this.#isRing ? [] : this.#buses.slice(this.#buses.indexOf(bus) + 1)
    const kinds = ['queue', 'queue', 'queue', 'topic', 'function', 'endpoint', 'bus'] as const
    const kind = this.#pick(kinds.filter((one) => one !== 'bus' || later.length > 0))
    const policy = {
      ...(this.#chance(0.7) && { attempts: this.#between(0, 4) }),
      ...(this.#chance(0.3) && { ageSeconds: this.#pick([60, 120, 600]) }),
    }
    return { id, kind, ...this.#destination(kind, later), ...this.#deadLetter(0.6), ...policy }
  }

  #destination(kind: TargetPlan['kind'], later: string[]): Pick<TargetPlan, 'to' | 'group'> {
    if (this.#chance(0.1)) return { to: `no-${kind}` }
    if (kind === 'topic')
      return {
        to: this.#pick(
          this.#topics.filter((name) => !isFifo(name)),
          'no-topic',
        ),
      }
    if (kind === 'function') return { to: this.#pick(this.#functions, 'no-function') }
    if (kind === 'endpoint') return { to: this.#pick(this.#endpoints, 'no-endpoint') }
    if (kind === 'bus') return { to: this.#pick(later) }
    const to = this.#pick(this.#queues)
    return isFifo(to) ? { to, group: this.#pick(['g', 'h']) } : { to }
  }

  #round(): RoundPlan {
    const writes = this.#list(3, 14, () => this.#write())
    const fault = this.#random.fraction()
    return {
      writes,
      changes: this.#changes ? this.#list(0, 4, () => this.#change()).flat() : [],
      lanes: this.#between(1, 5),
      ...(fault < 0.5 && { killAtWrite: this.#between(1, 60) }),
      ...(this.#chance(0.2) && { killAtRestart: this.#between(1, 4) }),
      ...(fault >= 0.97 && { full: { from: this.#between(1, 20), count: this.#between(1, 5) } }),
      end: fault >= 0.97 ? 'kill' : this.#pick(['go on', 'kill', 'stop'] as const),
      advanceSeconds: this.#chance(0.3) ? 0 : this.#pick([1, 30, 200, 1000, 7200]),
      ...(this.#chance(0.2) && { jumps: true }),
    }
  }

  #change(): ChangePlan[] {
    const rule = this.#pick(this.#rules)
    const target = (): TargetPlan => this.#target(`target${this.#between(0, 3)}`, rule?.bus ?? 'default')
    const draw = this.#random.fraction()
    if (draw < 0.1) return [{ kind: 'policy', queue: this.#pick(this.#queues), denies: this.#chance(0.6) }]
    if (draw < 0.15) return [{ kind: 'no queue', queue: this.#pick(this.#queues) }]
    if (draw < 0.2 && this.#endpoints.length > 0) {
      return [{ kind: 'no endpoint', endpoint: this.#pick(this.#endpoints) }]
    }
    if (draw < 0.4 || !rule) return this.#newRule()
    const { name } = rule
    if (draw < 0.55) return [{ kind: 'pattern', rule: name, pattern: this.#pattern(rule.bus) }]
    if (draw < 0.7) return [{ kind: 'state', rule: name, isDisabled: this.#chance(0.6) }]
    if (draw < 0.8) return [{ kind: 'target', rule: name, target: target() }]
    const noTargets = [0, 1, 2, 3].map((id): ChangePlan => ({ kind: 'no target', rule: name, id: `target${id}` }))
    if (draw < 0.85) return noTargets.slice(this.#between(0, 3))
    return [...(draw < 0.9 ? [] : noTargets), { kind: 'no rule', rule: name }]
  }

  #newRule(): ChangePlan[] {
    const rule = this.#rule(`new${this.#newRules++}`)
    if (!rule.pattern) return []
    const { targets, ...bare } = rule
    const made = targets.map((target): ChangePlan => ({ kind: 'target', rule: rule.name, target }))
    return [{ kind: 'new rule', rule: { ...bare, targets: [] } }, ...made]
  }

  #write(): WritePlan {
    const draw = this.#random.fraction()
    const group = { group: this.#pick(['g', 'h']) }
    if (draw < 0.4) return { kind: 'event', bus: this.#pick(this.#buses), detail: this.#detail() }
    if (draw < 0.55) return { kind: 'put', prefix: this.#pick(prefixes) }
    if (draw < 0.75) {
      const to = this.#pick(this.#queues)
      return { kind: 'send', to, ...(isFifo(to) && group) }
    }
    if (draw < 0.85 && this.#topics.length > 0) {
      const to = this.#pick(this.#topics)
      return { kind: 'publish', to, loja: this.#pick(lojas), ...(isFifo(to) && group) }
    }
    if (draw < 0.92 && this.#functions.length > 0) return { kind: 'invoke', to: this.#pick(this.#functions) }
    return { kind: 'receive', from: this.#standard(), deletes: this.#chance(0.5) }
  }

  #detail(): Detail {
    return {
      loja: this.#pick(lojas),
      valor: this.#between(0, 12),
      tags: this.#list(0, 2, () => this.#pick(['x1', 'yy', 'z'])),
      ...(this.#chance(0.5) && { nota: { autor: 'ã"\\' } }),
    }
  }

  #deadLetter(likely: number): { deadLetter?: string } {
    if (!this.#chance(likely)) return {}
    return { deadLetter: this.#chance(0.1) ? 'no-letters' : this.#pick(this.#letters) }
  }

  #anySubscriber(): string {
    const draw = this.#random.fraction()
    if (draw < 0.1) return 'no-queue'
    return draw < 0.3 ? this.#pick(this.#functions, 'no-function') : this.#standard()
  }

  #standard(): string {
    return this.#pick(this.#queues.filter((name) => !isFifo(name)))
  }

  #names(stem: string, least: number, most: number): string[] {
    return this.#list(least, most, (at) => `${stem}${at}`)
  }

  #list<T>(least: number, most: number, make: (at: number) => T): T[] {
    return Array.from({ length: this.#between(least, most) }, (_, at) => make(at))
  }

  #pick<T>(among: readonly T[], otherwise?: T): T {
    return (among[Math.floor(this.#random.fraction() * among.length)] ?? otherwise) as T
  }

  #chance(likely: number): boolean {
    return this.#random.fraction() < likely
  }

  #between(least: number, most: number): number {
    return least + Math.floor(this.#random.fraction() * (most - least + 1))
  }
}
