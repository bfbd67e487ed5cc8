/** A bus as a target: of a rule of another bus, account or region, or of any delivery. */
import { parseArn } from '../../delivery/arn.ts'
import type { Tx } from '../../delivery/context.ts'
import { type Delivery, DeliveryRefused, target } from '../../delivery/delivery.ts'
import { buses, getBus } from './buses.ts'
import { allowsAccount } from './permissions.ts'
import { type RoutedEvent, router } from './routing.ts'

/** Buses that one event may pass. AWS lets a cycle of rules run (and bills it); here it ends, and says so. */
const forwardsMax = 32

export const busTarget = target('events', {
  handles: (resource) => resource.startsWith('event-bus/'),
  accept(tx, delivery) {
    const arn = parseArn(delivery.arn)
    if (!arn) throw new DeliveryRefused('INVALID_PARAMETER', `${delivery.arn} is no event bus.`)
    const { account, region } = arn
    const name = arn.resource.replace(/^event-bus\//, '')
    const here = tx.at({ account, region })
    const bus = getBus(here.in(buses), name)
    if (!bus) throw new DeliveryRefused('NO_RESOURCE', `Event bus ${name} does not exist.`)
    const event = eventOf(tx, delivery)
    const sender = parseArn(delivery.sender.sourceArn)?.account ?? tx.account
    if (sender !== account && !allowsAccount(bus.statements, sender)) {
      throw new DeliveryRefused('NO_PERMISSIONS', `Account ${sender} may not put events on ${delivery.arn}.`)
    }
    // AWS: what one account was sent by another is not sent on to a third.
    if (event.account !== sender && sender !== account) {
      throw new DeliveryRefused('NO_PERMISSIONS', 'Events from another account are not forwarded to a third.')
    }
    if (event.forwards >= forwardsMax) {
      throw new DeliveryRefused('EVENT_CYCLE', `The event has passed ${forwardsMax} buses: its rules form a cycle.`)
    }
    router(here).route(here, name, { ...event, forwards: event.forwards + 1 }, delivery.trace)
  },
})

/** The event as a rule sent it on, or as the payload describes it. */
function eventOf(tx: Tx, delivery: Delivery): RoutedEvent {
  const forwarded = delivery.parameters?.event as RoutedEvent | undefined
  if (forwarded) return { ...forwarded, json: delivery.payload }
  try {
    const { id, source, 'detail-type': detailType, account } = JSON.parse(delivery.payload) as Record<string, unknown>
    const names = {
      id: String(id),
      source: String(source),
      detailType: String(detailType),
      account: String(account ?? tx.account),
    }
    return { ...names, json: delivery.payload, ingestedAt: tx.now, forwards: 0 }
  } catch {
    throw new DeliveryRefused('INVALID_PARAMETER', 'The payload is no event.')
  }
}
