/** Which services call which, of a range of time or of some traces: nodes with their counts and times, edges with the callers' view. */
import type { Context } from '../../delivery/context.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import type { TraceSegment } from './assembly.ts'
import { groupFilter } from './groups.ts'
import { histogram, summaryStatistics, timesOf } from './statistics.ts'
import { seriesOf } from './timeSeries.ts'
import * as facts from './traceFacts.ts'
import { allTraces, checkedRange, type FoundTrace, findTrace } from './traceReading.ts'

const { InvalidRequestException } = awsErrors('xray')

export const graphOperations = operations('xray', {
  async GetServiceGraph(input, ctx) {
    const range = checkedRange(input)
    refuseToken(input.NextToken)
    const found = allTraces(ctx, { ...range, filter: groupFilter(ctx, input) })
    return {
      StartTime: input.StartTime,
      EndTime: input.EndTime,
      Services: graphOf(ctx, found),
      ContainsOldGroupVersions: false,
    }
  },

  async GetTraceGraph(input, ctx) {
    refuseToken(input.NextToken)
    const found = input.TraceIds.map((id) => findTrace(ctx, id)).filter((one) => one !== undefined)
    return { Services: graphOf(ctx, found) }
  },

  async GetTimeSeriesServiceStatistics(input, ctx) {
    const range = checkedRange(input)
    refuseToken(input.NextToken)
    const found = allTraces(ctx, { ...range, filter: groupFilter(ctx, input) })
    return { TimeSeriesServiceStatistics: seriesOf(found, range, input), ContainsOldGroupVersions: false }
  },
})

/** All is in one page, so there is no other. */
function refuseToken(token: string | undefined): void {
  if (token !== undefined) throw InvalidRequestException('The NextToken is invalid.')
}

interface Node {
  reference: number
  segments: TraceSegment[]
  isRoot: boolean
  /** By the key of the service that is called. */
  calls: Map<string, TraceSegment[]>
}

function graphOf(ctx: Context, found: readonly FoundTrace[]) {
  const nodes = new Map<string, Node>()
  for (const { trace } of found) for (const segment of trace.segments) addSegment(nodes, segment)
  const services = [...nodes].map(([, node]) => serviceOf(ctx, node, nodes))
  const roots = [...nodes].filter(([, { isRoot }]) => isRoot)
  return [...services, ...roots.map(([key, node], index) => clientOf(node, key, nodes.size + index))]
}

function addSegment(nodes: Map<string, Node>, segment: TraceSegment): void {
  const node = nodeOf(nodes, facts.serviceKey(segment))
  node.segments.push(segment)
  if (!segment.parent) {
    node.isRoot = true
    return
  }
  const { calls } = nodeOf(nodes, facts.serviceKey(segment.parent))
  const key = facts.serviceKey(segment)
  calls.set(key, [...(calls.get(key) ?? []), segment])
}

function nodeOf(nodes: Map<string, Node>, key: string): Node {
  const node = nodes.get(key) ?? { reference: nodes.size, segments: [], isRoot: false, calls: new Map() }
  nodes.set(key, node)
  return node
}

function serviceOf(ctx: Context, { reference, segments, isRoot, calls }: Node, nodes: Map<string, Node>) {
  const documents = segments.map(({ document }) => document)
  return {
    ReferenceId: reference,
    ...facts.serviceIdOf(segments[0] as TraceSegment, ctx),
    ...(isRoot && { Root: true }),
    State: 'active',
    ...timesOf(documents),
    Edges: [...calls].map(([key, called]) => edgeTo(nodes.get(key) as Node, called)),
    SummaryStatistics: summaryStatistics(documents),
    DurationHistogram: histogram(documents),
    ResponseTimeHistogram: histogram(documents),
  }
}

/** What calls a root is not traced: it is shown as a client of the same name. */
function clientOf(root: Node, key: string, reference: number) {
  const own = root.segments.filter(({ parent }) => !parent)
  const name = key.split('\n')[0] as string
  return {
    ReferenceId: reference,
    ...{ Name: name, Names: [name], Type: 'client', State: 'unknown' },
    ...timesOf(own.map(({ document }) => document)),
    Edges: [edgeTo(root, own)],
  }
}

function edgeTo({ reference }: Node, called: readonly TraceSegment[]) {
  const views = called.map(({ call, document }) => call ?? document)
  return {
    ReferenceId: reference,
    ...timesOf(views),
    SummaryStatistics: summaryStatistics(views),
    ResponseTimeHistogram: histogram(views),
    Aliases: [],
  }
}
