/**
 * Makes a failing plan small enough to read: takes parts out, greater ones first, and keeps what still fails in the same
 * way. A plan without a part is a plan, so nothing has to be repaired.
 */
import type { Finding } from './check.ts'
import type { Plan, RoundPlan } from './plan.ts'
import { simulate } from './simulate.ts'

const runsMax = 600

export async function shrink(plan: Plan, finding: Finding): Promise<Plan> {
  const shrinking = new Shrinking(finding.kind)
  return shrinking.shrink(plan)
}

class Shrinking {
  readonly #kind: Finding['kind']
  #runs = 0

  constructor(kind: Finding['kind']) {
    this.#kind = kind
  }

  async shrink(plan: Plan): Promise<Plan> {
    let smallest = plan
    for (let before = ''; before !== JSON.stringify(smallest) && this.#runs < runsMax; ) {
      before = JSON.stringify(smallest)
      smallest = await this.#withoutParts(smallest)
      smallest = await this.#simpler(smallest)
    }
    return smallest
  }

  async #withoutParts(plan: Plan): Promise<Plan> {
    let smallest = plan
    for (const list of listsOf(plan)) {
      let { length } = list.of(smallest)
      for (let size = length; size >= 1; size = Math.floor(size / 2)) {
        for (let from = length - size; from >= 0; from -= size) {
          const candidate = structuredClone(smallest)
          list.of(candidate).splice(from, size)
          if (await this.#stillFails(candidate)) smallest = candidate
        }
        length = list.of(smallest).length
      }
    }
    return smallest
  }

  /** Fewer lanes, no kill, no wait: each as long as it fails all the same. */
  async #simpler(plan: Plan): Promise<Plan> {
    let smallest = plan
    for (const at of plan.rounds.keys()) {
      for (const change of simplerRounds) {
        const candidate = structuredClone(smallest)
        const round = candidate.rounds[at]
        if (!round || !change(round)) continue
        if (await this.#stillFails(candidate)) smallest = candidate
      }
    }
    return smallest
  }

  async #stillFails(plan: Plan): Promise<boolean> {
    if (++this.#runs > runsMax) return false
    const { findings } = await simulate(plan)
    return findings.some(({ kind }) => kind === this.#kind)
  }
}

interface List {
  of(plan: Plan): unknown[]
}

/** The greatest first: what is in a rule that goes need not be tried. */
function listsOf(plan: Plan): List[] {
  const rounds = [...plan.rounds.keys()].map((at): List => ({ of: ({ rounds }) => rounds[at]?.writes ?? [] }))
  const changes = [...plan.rounds.keys()].map((at): List => ({ of: ({ rounds }) => rounds[at]?.changes ?? [] }))
  const targets = [...plan.rules.keys()].map((at): List => ({ of: ({ rules }) => rules[at]?.targets ?? [] }))
  const subscribers = [...plan.topics.keys()].map(
    (at): List => ({ of: ({ topics }) => topics[at]?.subscriptions ?? [] }),
  )
  const names = ['rounds', 'rules', 'notifications', 'topics', 'functions', 'endpoints', 'buses', 'queues'] as const
  const whole = names.map((name): List => ({ of: (one) => one[name] }))
  return [...whole, ...changes, ...rounds, ...targets, ...subscribers]
}

/** Each says whether there was anything to change. */
const simplerRounds: ((round: RoundPlan) => boolean)[] = [
  (round) => Boolean(round.full) && delete round.full,
  (round) => round.killAtWrite !== undefined && delete round.killAtWrite,
  (round) => round.killAtRestart !== undefined && delete round.killAtRestart,
  (round) => Boolean(round.jumps) && delete round.jumps,
  (round) => changed(round, 'end', 'go on'),
  (round) => changed(round, 'lanes', 1),
  (round) => changed(round, 'advanceSeconds', 0),
]

function changed<K extends keyof RoundPlan>(round: RoundPlan, key: K, to: RoundPlan[K]): boolean {
  if (round[key] === to) return false
  round[key] = to
  return true
}

/** A line for each part, so that a person sees the whole on one page. */
export function drawPlan(plan: Plan): string {
  const part = (name: string, parts: readonly unknown[]) => parts.map((one) => `${name} ${compact(one)}`)
  return [
    ...part('bus', plan.buses),
    ...part('queue', plan.queues),
    ...part('topic', plan.topics),
    ...part('function', plan.functions),
    ...part('endpoint', plan.endpoints),
    ...part('rule', plan.rules),
    ...part('notification', plan.notifications),
    ...plan.rounds.flatMap(({ writes, changes, ...round }) => [
      ...changes.map((change) => `  change ${compact(change)}`),
      ...writes.map((write) => `  write ${compact(write)}`),
      `round ${compact(round)}`,
    ]),
  ].join('\n')
}

function compact(value: unknown): string {
  return JSON.stringify(value)
    .replace(/"(\w+)":/g, '$1: ')
    .replaceAll(',', ', ')
}
