/** Told of each request's operation and its end; provided by whoever makes metrics of them. */
import type { ServiceName } from '../wire/generated/operations.ts'
import type { Context } from './context.ts'
import { singleton } from './singleton.ts'

export interface OperationEnd {
  operation: string
  input: Record<string, unknown>
  /** Absent where it failed. */
  output?: Record<string, unknown>
  error?: { code: string; status: number }
  milliseconds: number
}

export interface OperationMeter {
  /** Services whose operations are told of: the others pay nothing. */
  readonly services: ReadonlySet<ServiceName>
  ended(ctx: Context, service: ServiceName, end: OperationEnd): void
}

export const operationMeter = singleton<OperationMeter>('operation meter')
