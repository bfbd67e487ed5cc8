/**
 * Segment documents as clients send them, and what X-Ray refuses of them. Rules: AWS X-Ray Developer Guide, "X-Ray segment
 * documents"; the form of the refusals is that of answers that users of the daemon have published.
 */
import type { Millis } from '../../clock.ts'

export const retentionMillis = 30 * 86_400_000
const documentBytesMax = 64 * 1024
const nameLengthMax = 200
const idForm = /^[0-9a-f]{16}$/
const traceIdForm = /^1-([0-9a-f]{8})-[0-9a-f]{24}$/
/** Letters of any script, digits, white space and these signs. */
const nameForm = /^[\p{L}\p{N}\p{Z}\s_.:/%&#=+\\\-@]+$/u
/** A client's clock may be ahead. */
const futureMillisMax = 5 * 60_000

/** A segment or subsegment, as far as X-Ray knows its members. */
export interface SegmentDocument {
  id: string
  name: string
  trace_id?: string
  parent_id?: string
  type?: string
  start_time: number
  end_time?: number
  in_progress?: boolean
  inferred?: boolean
  origin?: string
  namespace?: string
  user?: string
  resource_arn?: string
  fault?: boolean
  error?: boolean
  throttle?: boolean
  http?: { request?: Record<string, unknown>; response?: Record<string, unknown> }
  sql?: Record<string, unknown>
  aws?: Record<string, unknown>
  annotations?: Record<string, unknown>
  metadata?: unknown
  cause?: string | { exceptions?: { id?: string; message?: string; type?: string }[] }
  subsegments?: SegmentDocument[]
}

export interface Unprocessed {
  Id?: string
  ErrorCode: string
  Message: string
}

export type Read = { document: SegmentDocument; traceId: string } | { refused: Unprocessed }

export function readDocument(text: string, now: Millis): Read {
  const document = parsed(text)
  if (!document) return refusal(undefined, 'ParseError')
  if (Buffer.byteLength(text) > documentBytesMax) return refusal(document, 'SegmentTooLarge')
  const problem = problemOf(document) ?? traceProblem(document, now)
  if (problem) return refusal(document, problem)
  const nested = problemBelow(document)
  if (nested) return refusal(nested.part, nested.problem, 'subsegment')
  return { document, traceId: document.trace_id as string }
}

/** The moment that a trace's id names. */
export function traceTime(traceId: string): Millis | undefined {
  const seconds = traceIdForm.exec(traceId)?.[1]
  return seconds === undefined ? undefined : Number.parseInt(seconds, 16) * 1000
}

export function isSubsegment(document: SegmentDocument): boolean {
  return document.type === 'subsegment'
}

function parsed(text: string): SegmentDocument | undefined {
  try {
    const value = JSON.parse(text) as unknown
    return typeof value === 'object' && value !== null ? (value as SegmentDocument) : undefined
  } catch {
    return undefined
  }
}

function problemOf(part: SegmentDocument): string | undefined {
  const { id, name, start_time: start, end_time: end } = part
  if (id === undefined) return 'MissingId'
  if (typeof id !== 'string' || !idForm.test(id)) return 'InvalidId'
  if (name === undefined) return 'MissingName'
  if (typeof name !== 'string' || name.length > nameLengthMax || !nameForm.test(name)) return 'InvalidName'
  if (start === undefined) return 'MissingStartTime'
  if (!isTime(start)) return 'InvalidStartTime'
  if (end === undefined && part.in_progress !== true) return 'MissingEndTime'
  if (end !== undefined && !isTime(end)) return 'InvalidEndTime'
  return undefined
}

function traceProblem(document: SegmentDocument, now: Millis): string | undefined {
  const { trace_id: traceId, parent_id: parentId } = document
  if (traceId === undefined) return 'MissingTraceId'
  const at = typeof traceId === 'string' ? traceTime(traceId) : undefined
  if (at === undefined || at < now - retentionMillis || at > now + futureMillisMax) return 'InvalidTraceId'
  if (parentId === undefined) return isSubsegment(document) ? 'MissingParentId' : undefined
  return typeof parentId === 'string' && idForm.test(parentId) ? undefined : 'InvalidParentId'
}

function problemBelow(part: SegmentDocument): { part: SegmentDocument; problem: string } | undefined {
  const { subsegments = [] } = part
  if (!Array.isArray(subsegments)) return { part, problem: 'InvalidSubsegments' }
  for (const below of subsegments) {
    if (typeof below !== 'object' || below === null) return { part, problem: 'InvalidSubsegments' }
    const problem = problemOf(below)
    if (problem) return { part: below, problem }
    const deeper = problemBelow(below)
    if (deeper) return deeper
  }
  return undefined
}

function isTime(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function refusal(part: SegmentDocument | undefined, ErrorCode: string, below?: 'subsegment'): Read {
  const isBelow = below !== undefined || (part !== undefined && isSubsegment(part))
  const Message = isBelow
    ? `Invalid subsegment. ErrorCode: ${ErrorCode}, Cause: null`
    : `Invalid segment. ErrorCode: ${ErrorCode}`
  return { refused: { ...(typeof part?.id === 'string' && { Id: part.id }), ErrorCode, Message } }
}
