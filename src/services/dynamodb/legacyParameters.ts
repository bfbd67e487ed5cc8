/** The parameters that came before expressions are refused by name. */
import { NotImplemented } from '../../wire/errors.ts'

const legacy = [
  'AttributesToGet',
  'AttributeUpdates',
  'ConditionalOperator',
  'Expected',
  'KeyConditions',
  'QueryFilter',
  'ScanFilter',
]

export function refuseLegacy(operation: string, input: object): void {
  const found = legacy.find((name) => (input as Record<string, unknown>)[name] !== undefined)
  if (found) throw NotImplemented(`${operation} with the legacy parameter ${found} (use expressions)`)
}
