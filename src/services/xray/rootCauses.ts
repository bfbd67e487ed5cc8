/** Where a fault or an error came from: the services on the way from the root to the segment that has it and calls none that has. */
import type { Scope } from '../../store/collection.ts'
import type { AssembledTrace, TraceSegment } from './assembly.ts'
import type { SegmentDocument } from './segmentDocuments.ts'
import { rootOf, serviceIdOf } from './traceFacts.ts'

type Test = (document: SegmentDocument) => boolean

export function rootCauses(trace: AssembledTrace, scope: Pick<Scope, 'account'>, test: Test) {
  const bad = trace.segments.filter(({ document }) => test(document))
  const last = bad.filter((segment) => !bad.some(({ parent }) => parent === segment))
  const root = rootOf(trace)
  return last.map((segment) => ({
    Services: wayTo(segment).map((one) => ({
      ...serviceIdOf(one, scope),
      EntityPath: entities(one, test),
      Inferred: one.document.inferred ?? false,
    })),
    ClientImpacting: root !== undefined && test(root.document),
  }))
}

function wayTo(segment: TraceSegment): TraceSegment[] {
  const way: TraceSegment[] = []
  for (let at: TraceSegment | undefined = segment; at && !way.includes(at); at = at.parent) way.unshift(at)
  return way
}

/** The segment, and the subsegments in it down which the fault is. */
function entities({ document }: TraceSegment, test: Test) {
  const path: { Name: string; Exceptions: { Name?: string; Message?: string }[]; Remote: boolean }[] = []
  for (let part: SegmentDocument | undefined = document; part; part = part.subsegments?.find(test)) {
    path.push({ Name: part.name, Exceptions: exceptionsOf(part), Remote: part.namespace === 'remote' })
  }
  return path
}

function exceptionsOf({ cause }: SegmentDocument) {
  if (typeof cause !== 'object' || cause === null) return []
  return (cause.exceptions ?? []).map(({ type, message }) => ({
    ...(typeof type === 'string' && { Name: type }),
    ...(typeof message === 'string' && { Message: message }),
  }))
}
