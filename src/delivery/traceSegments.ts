/**
 * What functions need of X-Ray: where its daemon listens, and whose traces the documents are that come there. What the traces'
 * readers need of it: the subsegments that hang below our own hops. Provided by the service that keeps the segments.
 */
import type { TraceRef } from '../observe/traces.ts'
import type { Scope } from '../store/collection.ts'
import type { Tx } from './context.ts'
import { singleton } from './singleton.ts'

/** A segment or subsegment as a hop's child. Times are seconds, as in its document. */
export interface TracedPart {
  id: string
  parentId?: string
  name: string
  startedAt: number
  endedAt?: number
  failed: boolean
  error?: string
  annotations?: Record<string, string | number | boolean>
}

export interface TraceSegments {
  /** `127.0.0.1:12345`: opened by the first who asks. Undefined where no socket is to be had. */
  daemonAddress(): Promise<string | undefined>
  /** Documents of this trace that come to the daemon are kept there: they do not say whose they are. */
  expect(trace: TraceRef, scope: Scope): void
  /** What a service says of its own work: a segment document, kept in the commit of that work. */
  tell(tx: Tx, document: object): void
  partsOf(traceId: string): TracedPart[]
}

export const traceSegments = singleton<TraceSegments>('trace segments')
