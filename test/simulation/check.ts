/**
 * What must hold at the end of every run: what was acknowledged is at its place, or is a dead letter, or was dropped by the
 * policy that says so; nothing is where no rule led it, or there more often than sent; groups keep their order; tries keep to their policy.
 */

import { unsteadyIn, versionsDuring } from './changes.ts'
import { type Expectation, Expected, plain } from './expected.ts'
import type { Try } from './faults.ts'
import type { Seen, Written } from './history.ts'
import { tagMark } from './marks.ts'
import { isFifo, type QueuePlan } from './plan.ts'
import type { Run } from './simulate.ts'

export interface Finding {
  kind: 'lost' | 'astray' | 'twice' | 'order' | 'tries' | 'letter' | 'schedule' | 'archive' | 'invocations' | 'error'
  text: string
}

export function check(run: Run): Finding[] {
  const unsteady = unsteadyIn(run.plan)
  const byVersion = new Map(run.versions.map(({ plan }) => [plan, new Expected(plan, unsteady)]))
  const wanted = run.written.map((written) => ({
    written,
    possible: versionsDuring(run.versions, written).flatMap((plan) => [
      byVersion.get(plan)?.of(written.write, written) ?? [],
    ]),
  }))
  const { errors, faults } = run.machine
  return [
    ...[...errors, ...faults.endpoints.errors].map((text) => ({ kind: 'error' as const, text })),
    ...lost(run, wanted),
    ...astray(run, wanted),
    ...outOfOrder(run),
    ...badTries(run),
    ...badTurns(run),
    ...badLetters(run),
    ...badSchedules(run),
    ...badInvocations(run),
  ]
}

/** A write that met a topology in its change has what one of them leads to. */
type Wanted = { written: Written; possible: Expectation[][] }[]

const placeKey = (queue: string, key: string, id: string) => `${id} ${key} in ${queue}`

/** By where it is: how many different messages. */
function counted(seen: Seen[]): Map<string, Set<string>> {
  const counts = new Map<string, Set<string>>()
  for (const { queue, key, ids, messageId } of seen) {
    for (const id of ids) {
      const place = placeKey(queue, key, id)
      counts.set(place, (counts.get(place) ?? new Set()).add(messageId))
    }
  }
  return counts
}

function lost(run: Run, wanted: Wanted): Finding[] {
  const counts = counted(run.seen)
  return wanted.flatMap(({ written, possible }) => {
    if (written.answered === undefined) return []
    const missing = possible.map((expectations) => missingOf(written, expectations, counts))
    if (missing.some(({ length }) => length === 0)) return []
    return (missing.at(-1) ?? []).map(({ what, anyOf }) => {
      const places = anyOf.map(({ queue, key }) => (key === plain ? queue : `${queue} as ${key}`)).join(' or ')
      return { kind: 'lost' as const, text: `${written.id} ${written.write.kind}: ${what}; wanted in ${places}` }
    })
  })
}

function missingOf({ id }: Written, expectations: Expectation[], counts: Map<string, Set<string>>): Expectation[] {
  // Two ways may lead to one place, which then has two messages.
  const taken = new Map<string, number>()
  const left = (place: string) => (counts.get(place)?.size ?? 0) - (taken.get(place) ?? 0)
  // What must be there chooses first, and what has the least choice.
  const strictFirst = [...expectations].sort(
    (one, other) => Number(one.mayBeDropped) - Number(other.mayBeDropped) || one.anyOf.length - other.anyOf.length,
  )
  return strictFirst.filter(({ anyOf, mayBeDropped }) => {
    const found = anyOf.map(({ queue, key }) => placeKey(queue, key, id)).find((place) => left(place) > 0)
    // Of the same message that comes to a FIFO queue by two ways, the second is taken for the first.
    if (found && !found.endsWith('.fifo')) taken.set(found, (taken.get(found) ?? 0) + 1)
    return !found && !mayBeDropped
  })
}

/** Where a plan leads an event, it leads it so many times; anywhere else it has no business. */
function astray(run: Run, wanted: Wanted): Finding[] {
  const allowed = new Map<string, number>()
  for (const { written, possible } of wanted) {
    for (const expectations of possible) {
      const mine = new Map<string, number>()
      for (const { queue, key } of expectations.flatMap(({ anyOf }) => anyOf)) {
        const place = placeKey(queue, key, written.id)
        mine.set(place, (mine.get(place) ?? 0) + 1)
      }
      for (const [place, count] of mine) allowed.set(place, Math.max(allowed.get(place) ?? 0, count))
    }
  }
  return [...counted(run.seen)].flatMap(([place, messages]): Finding[] => {
    const most = allowed.get(place) ?? 0
    if (most === 0) return [{ kind: 'astray', text: `${place}: nothing leads there` }]
    if (messages.size > most) return [{ kind: 'twice', text: `${place}: ${messages.size} messages, ${most} sent` }]
    return []
  })
}

/** What was answered before another began comes out first, in its group; retries alone may change that. */
function outOfOrder(run: Run): Finding[] {
  const writes = new Map(run.written.map((written) => [written.id, written]))
  const findings: Finding[] = []
  for (const { name, fails } of run.plan.queues.filter((queue) => isFifo(queue.name))) {
    const byGroup = grouped(
      run.seen.filter(({ queue, key }) => queue === name && key === plain),
      ({ group = '' }) => group,
    )
    for (const [group, messages] of byGroup) {
      const inOrder = messages
        .flatMap(({ ids }) => ids.map((id) => writes.get(id)))
        .filter((written) => written !== undefined)
        .filter(({ write }) => write.kind === 'send' || fails === undefined)
      for (const [at, later] of inOrder.entries()) {
        const overtaken = inOrder
          .slice(0, at)
          .find((earlier) => (later.answered ?? Number.POSITIVE_INFINITY) < earlier.begun)
        if (overtaken)
          findings.push({ kind: 'order', text: `${overtaken.id} before ${later.id} in ${name}, group ${group}` })
      }
    }
  }
  return findings
}

function badTries(run: Run): Finding[] {
  const isPunctual = run.plan.rounds.every(({ jumps }) => !jumps) && run.machine.kills === 0
  return [...grouped(run.machine.faults.tries, ({ deliveryId }) => deliveryId)].flatMap(([, tries]) =>
    badTriesOf(tries, isPunctual),
  )
}

/** From one second on, twice as long each time up to ten minutes, with jitter above half of it; the last at the very end of the event's age. */
function badTriesOf(tries: Try[], isPunctual: boolean): Finding[] {
  const findings: Finding[] = []
  // A crash may take back a try's outcome, which is then tried again: the last one counts.
  const last = new Map(tries.map((one) => [one.attempt, one]))
  for (const [attempt, { at, createdAt, queue, hasOwnTimes, pauseMillisMin, retriesMax, ageSecondsMax }] of last) {
    const bad = (text: string) => findings.push({ kind: 'tries', text: `${queue}: try ${attempt} ${text}` })
    if (attempt > retriesMax) bad(`of at most ${retriesMax} retries`)
    if (isPunctual && attempt > 0 && at - createdAt > ageSecondsMax * 1000) bad(`after ${at - createdAt} ms`)
    const before = last.get(attempt - 1)
    if (attempt > 0 && !before) bad('without the one before')
    if (before && at - before.at < pauseMillisMin) bad(`came ${at - before.at} ms after the last`)
    if (!before || hasOwnTimes) continue
    const longest = 1000 * Math.min(2 ** (attempt - 1), 600)
    const isAtTheEnd = at >= createdAt + ageSecondsMax * 1000
    if (at - before.at < Math.floor(longest / 2) && !isAtTheEnd) bad(`came ${at - before.at} ms after the last`)
    if (isPunctual && at - before.at > longest) bad(`came ${at - before.at} ms after the last`)
  }
  return findings
}

/** Nobody is called more often in a second than it says, unless a kill made a call be done again. */
function badTurns(run: Run): Finding[] {
  if (run.machine.kills > 0 || run.plan.rounds.some(({ jumps }) => jumps)) return []
  const bySecond = grouped(run.machine.faults.endpoints.turns, ({ endpoint, second }) => `${endpoint} ${second}`)
  return [...bySecond].flatMap(([key, { length }]): Finding[] => {
    const { perSecond = 0 } = run.plan.endpoints.find(({ name }) => key.startsWith(`${name} `)) ?? {}
    return length > perSecond ? [{ kind: 'tries', text: `${key}: ${length} calls of ${perSecond} a second` }] : []
  })
}

function badLetters(run: Run): Finding[] {
  return run.seen
    .filter(({ attributes }) => attributes.RULE_ARN)
    .flatMap(({ attributes, key }): Finding[] => {
      const { ERROR_CODE, ERROR_MESSAGE, EXHAUSTED_RETRY_CONDITION: condition, RETRY_ATTEMPTS } = attributes
      const rules = run.versions.flatMap(({ plan }) => plan.rules)
      const mine = rules.filter(({ name }) => attributes.RULE_ARN?.endsWith(`/${name}`))
      const targets = mine.flatMap((rule) => rule.targets.filter(({ to }) => attributes.TARGET_ARN?.endsWith(to)))
      const text = `${key}: ${JSON.stringify(attributes)}`
      const isWhole = ERROR_CODE && ERROR_MESSAGE && RETRY_ATTEMPTS !== undefined
      const isKept =
        condition !== 'MaximumRetryAttempts' ||
        targets.some(({ attempts = 185 }) => String(attempts) === RETRY_ATTEMPTS)
      return isWhole && isKept ? [] : [{ kind: 'letter', text }]
    })
}

/** A rule that fires every so many minutes has done so, no more and, if the clock did not jump, no less. */
function badSchedules(run: Run): Finding[] {
  const isPunctual = run.plan.rounds.every(({ jumps, full }) => !jumps && !full)
  const { queues, lostQueues } = unsteadyIn(run.plan)
  const isSteady = ({ name }: { name: string }) => !queues.has(name) && !lostQueues.has(name)
  const isGood = (queue: QueuePlan) => !queue.denies && queue.fails === undefined && isSteady(queue)
  const good = new Set(run.plan.queues.filter(isGood).map(({ name }) => name))
  return run.plan.rules.flatMap((rule) => {
    if (!rule.everyMinutes || rule.isDisabled) return []
    const firings = Math.floor((run.scheduledTo - run.scheduledFrom) / (rule.everyMinutes * 60_000))
    return rule.targets.flatMap(({ kind, to, id }): Finding[] => {
      if (kind !== 'queue' || !good.has(to)) return []
      const key = tagMark(rule.name, id)
      const times = new Map(
        run.seen.filter((one) => one.key === key).map(({ messageId, body }) => [messageId, timeIn(body)]),
      )
      const found = times.size
      const isTwice = new Set(times.values()).size < found
      if (!isTwice && (isPunctual ? found === firings : found <= firings)) return []
      return [
        { kind: 'schedule', text: `${key}: ${found} firings of ${firings}${isTwice ? ', one of them twice' : ''}` },
      ]
    })
  })
}

function timeIn(body: string): string {
  return /"time":"([^"]*)"/.exec(body.replaceAll('\\', ''))?.[1] ?? ''
}

/** A function that always fails has seen each event once, and once for each retry; a kill may make it more. */
function badInvocations(run: Run): Finding[] {
  return run.plan.functions.flatMap(({ name, fails, retries }): Finding[] => {
    const mine = run.machine.faults.invocations.filter((one) => one.name === name)
    if (fails !== 'always') return []
    return [...grouped(mine, ({ event }) => event)].flatMap(([event, { length }]): Finding[] => {
      // Two ways may bring one event.
      const isWhole = run.machine.kills > 0 ? length > retries : length % (retries + 1) === 0
      if (isWhole) return []
      return [{ kind: 'invocations', text: `${name}: ${length} times, with ${retries} retries, ${event}` }]
    })
  })
}

function grouped<T>(all: T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one])
  return groups
}
