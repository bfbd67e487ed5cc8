/**
 * What a simulation does, as data: a topology, and rounds of writes, kills, full disks and moved clocks. Parts name each
 * other; a name that leads nowhere is a target that is not there, so any part may be taken out and a plan is left.
 */

export interface Plan {
  /** Decides what a plan does not: which of two things that run side by side comes first, and what a crash leaves. */
  seed: number
  queues: QueuePlan[]
  topics: TopicPlan[]
  functions: FunctionPlan[]
  /** Web endpoints, each with an API destination and a connection of its own. */
  endpoints: EndpointPlan[]
  /** Beside `default`, where S3's events come. */
  buses: string[]
  rules: RulePlan[]
  /** What the bucket tells queues by itself, without a bus. */
  notifications: { queue: string; prefix: string }[]
  rounds: RoundPlan[]
  /** The disk says that it has what a kill then takes from it: to see that the checks would tell. */
  forgets?: boolean
}

export interface QueuePlan {
  /** With `.fifo` at its end for a FIFO queue. */
  name: string
  /** Its policy lets nobody send but its owner. */
  denies?: boolean
  /** How often each delivery fails before the queue takes it: Infinity is told as `always`. */
  fails?: number | 'always'
  redrive?: { to: string; receives: number }
}

export interface TopicPlan {
  name: string
  denies?: boolean
  subscriptions: SubscriptionPlan[]
}

export interface SubscriptionPlan {
  to: string
  raw?: boolean
  /** A filter policy on the attribute `loja`. */
  wants?: string[]
  deadLetter?: string
}

export interface FunctionPlan {
  name: string
  /** How many tries of each event fail. */
  fails: number | 'always'
  retries: number
  onFailure?: string
  onSuccess?: string
}

export interface EndpointPlan {
  name: string
  authorization: 'basic' | 'key' | 'oauth'
  perSecond: number
  /** How often it does not take each delivery: by a status, an answer that is cut short, or none. */
  fails?: number | 'always'
  /** It answers by a status that is final. */
  refuses?: boolean
}

export interface RulePlan {
  name: string
  bus: string
  pattern?: object
  /** Scheduled instead: every so many minutes. */
  everyMinutes?: number
  isDisabled?: boolean
  targets: TargetPlan[]
}

export interface TargetPlan {
  id: string
  kind: 'queue' | 'topic' | 'function' | 'endpoint' | 'bus'
  to: string
  group?: string
  deadLetter?: string
  attempts?: number
  ageSeconds?: number
}

export type WritePlan =
  | { kind: 'event'; bus: string; detail: Detail }
  | { kind: 'put'; prefix: string }
  | { kind: 'send'; to: string; group?: string }
  | { kind: 'publish'; to: string; loja: string; group?: string }
  | { kind: 'invoke'; to: string }
  /** A consumer: takes what there is, and deletes it or lets it come back. */
  | { kind: 'receive'; from: string; deletes: boolean }

export interface Detail {
  loja: string
  valor: number
  tags: string[]
  nota?: { autor: string }
}

/** One operation that changes the topology while others write to it. */
export type ChangePlan =
  | { kind: 'pattern'; rule: string; pattern: object }
  | { kind: 'state'; rule: string; isDisabled: boolean }
  | { kind: 'new rule'; rule: RulePlan }
  /** Adds a target, or replaces the one of its id. */
  | { kind: 'target'; rule: string; target: TargetPlan }
  | { kind: 'no target'; rule: string; id: string }
  /** Refused while the rule has targets. */
  | { kind: 'no rule'; rule: string }
  | { kind: 'policy'; queue: string; denies: boolean }
  | { kind: 'no queue'; queue: string }
  | { kind: 'no endpoint'; endpoint: string }

export interface RoundPlan {
  writes: WritePlan[]
  /** One after the other, beside the writes. */
  changes: ChangePlan[]
  /** Writers side by side; each waits for its answer before it writes again. */
  lanes: number
  /** The machine is killed as the disk begins its so-manieth write of this round. */
  killAtWrite?: number
  /** The machine is killed again as it starts, at this write of what it does to recover. */
  killAtRestart?: number
  /** The disk refuses this many writes, from this one on. */
  full?: { from: number; count: number }
  /** What ends the round; a kill comes while nothing is being written. */
  end: 'go on' | 'kill' | 'stop'
  /** After the writes: due times come one by one, or the clock jumps over them all, as after a sleep of the machine. */
  advanceSeconds: number
  jumps?: boolean
}

export const isFifo = (name: string): boolean => name.endsWith('.fifo')
