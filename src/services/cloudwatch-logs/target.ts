/** A log group as a target of rules: each delivery is one log event in a stream of its own day's making. */
import { parseArn } from '../../delivery/arn.ts'
import { type Delivery, DeliveryRefused, target } from '../../delivery/delivery.ts'
import { groupName, groups } from './groups.ts'
import { streams } from './streamRecords.ts'
import { newStream } from './streams.ts'
import { appendEvents } from './writing.ts'

export const groupTarget = target('logs', {
  handles: (resource) => resource.startsWith('log-group:'),
  accept(tx, delivery) {
    const arn = parseArn(delivery.arn)
    if (!arn) throw new DeliveryRefused('INVALID_PARAMETER', `${delivery.arn} is no log group.`)
    const here = tx.at({ account: arn.account, region: arn.region })
    const group = here.in(groups).get(groupName(delivery.arn))
    if (!group) throw new DeliveryRefused('NO_RESOURCE', `The log group of ${delivery.arn} does not exist.`)
    const name = streamName(delivery, here.now)
    const stream = here.in(streams).get(group.id, name) ?? newStream(here, group, name)
    appendEvents(here, group, stream, [eventOf(delivery, here.now)])
  },
})

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
      return [Number(given.timestamp) || timestamp, given.message]
    }
  } catch {
    // Plain text is a message too.
  }
  return [timestamp, payload || ' ']
}
