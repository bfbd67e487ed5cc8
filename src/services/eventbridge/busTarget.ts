/** A bus as a target: of a rule of another bus, account or region, or of any delivery. */
import { parseArn } from '../../delivery/arn.ts'
import type { Tx } from '../../delivery/context.ts'
import { type Delivery, DeliveryRefused, target } from '../../delivery/delivery.ts'
import { buses, type EventBus, getBus } from './buses.ts'
import { mayCrossInto } from './permissions.ts'
import { type RoutedEvent, router } from './routing.ts'

/** Buses that one event may pass. AWS lets a cycle of rules run (and bills it); here it ends, and says so. */
const forwardsMax = 32
/** An envelope's members before its resources and detail. */
const envelopeCharactersMax = 10_000

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
    checkCrossing(here, bus, event, delivery)
    if (event.forwards >= forwardsMax) {
      throw new DeliveryRefused('EVENT_CYCLE', `The event has passed ${forwardsMax} buses: its rules form a cycle.`)
    }
    const forwarded = { ...event, forwards: event.forwards + 1 }
    router(here).route(here, name, [{ event: forwarded, trace: delivery.trace }])
  },
})

/** Errors: DeliveryRefused where the policy does not let it in, or it would cross a second border. */
function checkCrossing(here: Tx, bus: EventBus, event: RoutedEvent, { sender, payload, arn }: Delivery): void {
  const { account = here.account, region = here.region } = parseArn(sender.sourceArn) ?? {}
  const { source, detailType } = event
  if (account !== here.account) {
    // AWS: what one account was sent by another is not sent on to a third; the same holds of regions.
    if (event.account !== account) {
      throw new DeliveryRefused('THIRD_ACCOUNT_HOP_DETECTED', 'Events from another account are not sent on to a third.')
    }
    if (!mayCrossInto(here, bus, { account, source, detailType, ruleArn: sender.sourceArn })) {
      throw new DeliveryRefused('NO_PERMISSIONS', `Account ${account} may not put events on ${arn}.`)
    }
  }
  if (region !== here.region && regionOf(payload) !== region) {
    throw new DeliveryRefused('THIRD_REGION_HOP_DETECTED', 'Events from another Region are not sent on to a third.')
  }
}

/** Where it came in first, as its envelope says at its beginning. */
function regionOf(payload: string): string | undefined {
  return /"region":\s*"([^"]*)"/.exec(payload.slice(0, envelopeCharactersMax))?.[1]
}

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
