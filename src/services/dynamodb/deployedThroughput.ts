/** Billing and throughput as templates spell them: numbers may be strings. */
import type { Properties } from '../resource.ts'
import type { Throughput } from './tables.ts'

export function billingIn(properties: Properties) {
  return { BillingMode: properties.BillingMode ?? 'PROVISIONED', ...throughputIn(properties) }
}

export function throughputIn({ ProvisionedThroughput: given }: Properties): { ProvisionedThroughput?: Throughput } {
  if (!given) return {}
  const { ReadCapacityUnits, WriteCapacityUnits } = given
  return {
    ProvisionedThroughput: {
      ReadCapacityUnits: Number(ReadCapacityUnits),
      WriteCapacityUnits: Number(WriteCapacityUnits),
    },
  }
}
