/**
 * A topology that changes while it is written to. A change takes place somewhere between its call and its answer, so
 * that a write beside it may have met the topology before or after it; the plan itself says what each of them is.
 */
import type { ChangePlan, Plan, RulePlan } from './plan.ts'

/** The topology from some moment between `begun` and `answered` on. */
export interface Version {
  plan: Plan
  begun: number
  answered: number
}

/** Those that a write may have met. */
export function versionsDuring(
  versions: readonly Version[],
  { begun, answered }: { begun: number; answered?: number },
): Plan[] {
  const end = answered ?? Number.POSITIVE_INFINITY
  return versions
    .filter((version, at) => version.begun < end && (versions[at + 1]?.answered ?? Number.POSITIVE_INFINITY) > begun)
    .map(({ plan }) => plan)
}

/** Undefined where there is nothing that it could change: AWS refuses it, or does nothing. */
export function changed(plan: Plan, change: ChangePlan): Plan | undefined {
  switch (change.kind) {
    case 'new rule':
      return { ...plan, rules: [...plan.rules, change.rule] }
    case 'pattern':
      return ofRule(plan, change.rule, (rule) => ({ ...rule, pattern: change.pattern }))
    case 'state':
      return ofRule(plan, change.rule, (rule) => ({ ...rule, isDisabled: change.isDisabled }))
    case 'target': {
      const others = (rule: RulePlan) => rule.targets.filter(({ id }) => id !== change.target.id)
      return ofRule(plan, change.rule, (rule) => ({ ...rule, targets: [...others(rule), change.target] }))
    }
    case 'no target':
      return ofRule(plan, change.rule, (rule) => ({
        ...rule,
        targets: rule.targets.filter(({ id }) => id !== change.id),
      }))
    case 'no rule': {
      const isKept = plan.rules.some(({ name, targets }) => name === change.rule && targets.length > 0)
      return isKept ? undefined : { ...plan, rules: plan.rules.filter(({ name }) => name !== change.rule) }
    }
    case 'policy': {
      const queues = plan.queues.map((queue) =>
        queue.name === change.queue ? { ...queue, denies: change.denies } : queue,
      )
      return { ...plan, queues }
    }
    case 'no queue':
      return { ...plan, queues: plan.queues.filter(({ name }) => name !== change.queue) }
    case 'no endpoint':
      return { ...plan, endpoints: plan.endpoints.filter(({ name }) => name !== change.endpoint) }
  }
}

function ofRule(plan: Plan, name: string, change: (rule: RulePlan) => RulePlan): Plan | undefined {
  if (!plan.rules.some((rule) => rule.name === name)) return undefined
  return { ...plan, rules: plan.rules.map((rule) => (rule.name === name ? change(rule) : rule)) }
}

/** What may be otherwise than it was when a delivery is tried again later. */
export interface Unsteady {
  /** Their policy changes. */
  queues: Set<string>
  /** They are deleted, with what is in them. */
  lostQueues: Set<string>
  endpoints: Set<string>
}

export function unsteadyIn({ rounds }: Plan): Unsteady {
  const all = rounds.flatMap(({ changes }) => changes)
  return {
    queues: new Set(all.flatMap((change) => (change.kind === 'policy' ? [change.queue] : []))),
    lostQueues: new Set(all.flatMap((change) => (change.kind === 'no queue' ? [change.queue] : []))),
    endpoints: new Set(all.flatMap((change) => (change.kind === 'no endpoint' ? [change.endpoint] : []))),
  }
}
