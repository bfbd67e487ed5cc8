/** What became of a delivery, told to whoever sent it and asked for it, in the commit that ends it. */
import type { Tx } from './context.ts'
import type { Delivery, Outcome } from './delivery.ts'
import { singleton } from './singleton.ts'

export interface DeliveryReporter {
  /** `delivery.attempts` counts the last one too; a failure is for good. */
  ended(tx: Tx, delivery: Delivery, outcome: Outcome): void
}

/** Provided by the services that ask. */
export const deliveryReporters = {
  sns: singleton<DeliveryReporter>('delivery reporter of sns'),
  cloudwatch: singleton<DeliveryReporter>('delivery reporter of cloudwatch'),
}

export type Reporting = keyof typeof deliveryReporters

export function reportEnd(tx: Tx, delivery: Delivery, outcome: Outcome): void {
  if (delivery.report) tx.use(deliveryReporters[delivery.report.to]).ended(tx, delivery, outcome)
}
