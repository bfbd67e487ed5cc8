/** What is asked of a trace and its segments: times, outcomes, services, annotations. Pure, on an assembled trace. */
import type { Scope } from '../../store/collection.ts'
import { type AssembledTrace, eachPart, type TraceSegment } from './assembly.ts'
import type { SegmentDocument } from './segmentDocuments.ts'

export type AnnotationValue = string | number | boolean

export interface ServiceId {
  Name: string
  Names: string[]
  AccountId?: string
  Type?: string
}

/** Annotations of a trace beyond these are not indexed, as on AWS. */
const annotationsMax = 50

export function rootOf({ segments }: AssembledTrace): TraceSegment | undefined {
  return segments.find(({ parent, document }) => !parent && document.type !== 'subsegment') ?? segments[0]
}

export function serviceIdOf({ document }: TraceSegment, { account }: Pick<Scope, 'account'>): ServiceId {
  const { name, origin, inferred } = document
  return { Name: name, Names: [name], ...(!inferred && { AccountId: account }), ...(origin && { Type: origin }) }
}

export function serviceKey({ document }: TraceSegment): string {
  return `${document.name}\n${document.origin ?? ''}`
}

/** In seconds; of what still runs, 0. */
export function durationOf({ start_time, end_time = start_time }: SegmentDocument): number {
  return rounded(Math.max(0, end_time - start_time))
}

/** From the root's beginning to the end of what ended last. */
export function traceDuration(trace: AssembledTrace): number {
  const root = rootOf(trace)?.document
  if (!root) return 0
  const ends = trace.segments.map(({ document }) => document.end_time ?? document.start_time)
  return rounded(Math.max(0, Math.max(...ends) - root.start_time))
}

/** Milliseconds, as documents have them. */
export function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000
}

/** An outcome holds if the document says it, or its HTTP status does. */
export function isFault(document: SegmentDocument): boolean {
  return document.fault === true || (statusOf(document) ?? 0) >= 500
}

export function isThrottle(document: SegmentDocument): boolean {
  return document.throttle === true || statusOf(document) === 429
}

export function isError(document: SegmentDocument): boolean {
  const status = statusOf(document) ?? 0
  return document.error === true || isThrottle(document) || (status >= 400 && status < 500)
}

export function isOk(document: SegmentDocument): boolean {
  return !isFault(document) && !isError(document)
}

export function statusOf({ http }: SegmentDocument): number | undefined {
  const status = http?.response?.status
  return typeof status === 'number' ? status : undefined
}

export function requestText({ http }: SegmentDocument, member: string): string | undefined {
  const value = http?.request?.[member]
  return typeof value === 'string' ? value : undefined
}

export function hasUnfinished({ segments }: AssembledTrace): boolean {
  return segments.some(({ document }) => document.in_progress === true && document.end_time === undefined)
}

/** Of a segment and all in it, in their order. */
export function annotationsOf({ document }: TraceSegment): [string, AnnotationValue][] {
  const found: [string, AnnotationValue][] = []
  eachPart(document, ({ annotations }) => {
    for (const [key, value] of Object.entries(annotations ?? {})) {
      if (found.length === annotationsMax) return
      if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') found.push([key, value])
    }
  })
  return found
}

export function usersOf({ document }: TraceSegment): string[] {
  const users = new Set<string>()
  eachPart(document, ({ user }) => {
    if (typeof user === 'string') users.add(user)
  })
  return [...users]
}

export function resourceArnOf({ document }: TraceSegment): string | undefined {
  const { resource_arn: arn, aws } = document
  if (typeof arn === 'string') return arn
  return typeof aws?.function_arn === 'string' ? aws.function_arn : undefined
}

export function awsText({ document }: TraceSegment, group: string, member: string): string | undefined {
  const value = (document.aws?.[group] as Record<string, unknown> | undefined)?.[member]
  return typeof value === 'string' ? value : undefined
}
