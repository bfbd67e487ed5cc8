/**
 * Streams of what changed in a table, in order: written by the service that has the tables, in the commits of the changes;
 * read by its streams' own API and by functions that are fed from them. Arrivals (arrivals.ts) tell of new records by the
 * stream's ARN.
 */
import type { Millis } from '../clock.ts'
import type { Arn } from './arn.ts'
import type { Context, Tx } from './context.ts'
import { singleton } from './singleton.ts'

export interface ChangeStream {
  arn: Arn
  tableName: string
  label: string
  viewType: string
  keySchema: { AttributeName: string; KeyType: 'HASH' | 'RANGE' }[]
  createdAt: Millis
  /** When it was switched off: its shard is closed, and can be read for as long as its records are kept. */
  disabledAt?: Millis
  shardId: string
  /** The number of the record that was written last; 0 before the first. Numbers have no gaps. */
  last: number
}

export interface ChangeRecord {
  /** From 1; `sequenceNumberOf` spells it. */
  number: number
  eventId: string
  eventName: 'INSERT' | 'MODIFY' | 'REMOVE'
  at: Millis
  keys: Record<string, unknown>
  newImage?: Record<string, unknown>
  oldImage?: Record<string, unknown>
  sizeBytes: number
  /** Deleted because its time to live was over. */
  isExpiry?: true
}

type Reader = Pick<Context | Tx, 'in' | 'account' | 'region'>

export interface ChangeStreams {
  /** In the order of their ARNs. */
  list(from: Reader): Iterable<ChangeStream>
  get(from: Reader, arn: Arn): ChangeStream | undefined
  /** From that number on, as far as they are kept; read lazily. */
  read(from: Reader, stream: ChangeStream, range: { number: number; now: Millis }): Iterable<ChangeRecord>
}

export const changeStreams = singleton<ChangeStreams>('change streams')

/** AWS's have 21 digits or more. */
const digits = 20

export function sequenceNumberOf(number: number): string {
  return `1${String(number).padStart(digits, '0')}`
}

/** Undefined where it is none of ours. */
export function numberOf(sequenceNumber: string): number | undefined {
  return /^1\d{20}$/.test(sequenceNumber) ? Number(sequenceNumber.slice(1)) : undefined
}
