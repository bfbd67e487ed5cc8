/** A log group as a target of rules: each delivery is one log event in a stream of its own day's making. */
import { type Arn, parseArn } from '../../delivery/arn.ts'
import type { Tx } from '../../delivery/context.ts'
import { type Delivery, DeliveryRefused, target } from '../../delivery/delivery.ts'
import { mayDeliver } from '../../delivery/resourcePolicy.ts'
import { groupArn, groupName, groups } from './groups.ts'
import { appendEvents } from './ingestion.ts'
import { policies } from './resourcePolicies.ts'
import { streams } from './streamRecords.ts'
import { newStream } from './streams.ts'

export const groupTarget = target('logs', {
  handles: (resource) => resource.startsWith('log-group:'),
  accept(tx, delivery) {
    const arn = parseArn(delivery.arn)
    if (!arn) throw new DeliveryRefused('INVALID_PARAMETER', `${delivery.arn} is no log group.`)
    const here = tx.at({ account: arn.account, region: arn.region })
    const group = here.in(groups).get(groupName(delivery.arn))
    if (!group) throw new DeliveryRefused('NO_RESOURCE', `The log group of ${delivery.arn} does not exist.`)
    if (!mayWrite(here, delivery, groupArn(group.name, here))) {
      throw new DeliveryRefused('NO_PERMISSIONS', `No resource policy lets ${delivery.sender.principal} write there.`)
    }
    const name = streamName(delivery, here.now)
    const stream = here.in(streams).get(group.id, name) ?? newStream(here, group, name)
    appendEvents(here, group, stream, [eventOf(delivery, here.now)])
  },
})

/** The account's policies as far as they speak of this group, with or without its streams. */
function mayWrite(tx: Tx, { sender }: Delivery, arn: Arn): boolean {
  const statements = [...tx.in(policies).list()].flatMap(({ document }) => {
    const { Statement = [] } = JSON.parse(document) as { Statement?: PolicyStatement | PolicyStatement[] }
    return [Statement].flat().filter(({ Resource = '*' }) => [Resource].flat().some((one) => covers(one, arn)))
  })
  const question = { sender, action: 'logs:PutLogEvents', account: tx.account }
  return [arn, `${arn}:log-stream:any`].some((resource) =>
    mayDeliver(tx, { Statement: statements }, { ...question, resource }),
  )
}

interface PolicyStatement {
  Resource?: string | string[]
}

function covers(pattern: string, arn: Arn): boolean {
  return arn.startsWith(pattern.replace(/[:*]*$/, ''))
}

/** AWS makes streams as it likes; one for each rule and day keeps them few. */
function streamName({ sender }: Delivery, now: number): string {
  const source = parseArn(sender.sourceArn)?.resource.replace(/[:*/]/g, '-') ?? 'delivery'
  return `${source}/${new Date(now).toISOString().slice(0, 10)}`
}

/** A transformer may name time and message itself; anything else is the message as it is. */
function eventOf({ payload, parameters }: Delivery, now: number): [number, string] {
  const timestamp = typeof parameters?.timestamp === 'number' ? parameters.timestamp : now
  try {
    const given = JSON.parse(payload) as Record<string, unknown> | null
    if (given && Object.keys(given).sort().join() === 'message,timestamp' && typeof given.message === 'string') {
      return [millisOf(given.timestamp) ?? timestamp, given.message]
    }
  } catch {
    // Plain text is a message too.
  }
  return [timestamp, payload || ' ']
}

/** Milliseconds, or a time as events bear it: `2025-10-20T08:00:00Z`. */
function millisOf(time: unknown): number | undefined {
  const millis = typeof time === 'string' && !/^\d+$/.test(time) ? Date.parse(time) : Number(time)
  return millis > 0 ? millis : undefined
}
