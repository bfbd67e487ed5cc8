/** What functions' traces look like, and requests that come with one. */
import { BatchGetTracesCommand, GetTraceSummariesCommand, XRayClient } from '@aws-sdk/client-xray'
import type { BuildMiddleware, MiddlewareStack } from '@smithy/types'
import type { Igarape } from '../../src/testkit/server.ts'

export interface Part {
  id: string
  name: string
  parent_id?: string
  origin?: string
  resource_arn?: string
  fault?: boolean
  start_time: number
  end_time: number
  http?: { response: { status: number } }
  links?: { trace_id: string; id: string; attributes: Record<string, string> }[]
  inferred?: boolean
  annotations?: Record<string, unknown>
  aws?: Record<string, unknown>
  cause?: { exceptions: { type: string; message: string }[] }
  subsegments?: Part[]
}

/** All of the last day, as X-Ray answers them. */
export async function traces(igarape: Igarape): Promise<{ id: string; segments: Part[] }[]> {
  await igarape.settled()
  const xray = igarape.client(XRayClient)
  const now = igarape.clock.now().getTime()
  const range = {
    StartTime: new Date(now - 86_400_000),
    EndTime: new Date(now + 60_000),
    TimeRangeType: 'Event' as const,
  }
  const { TraceSummaries = [] } = await xray.send(new GetTraceSummariesCommand(range))
  const found: { id: string; segments: Part[] }[] = []
  for (const { Id = '' } of TraceSummaries) {
    const { Traces = [] } = await xray.send(new BatchGetTracesCommand({ TraceIds: [Id] }))
    found.push({ id: Id, segments: (Traces[0]?.Segments ?? []).map(({ Document }) => JSON.parse(Document as string)) })
  }
  return found
}

/** The command with a trace header, as a traced client sends it. */
export function withHeader<C>(command: C, header: string): C {
  const { middlewareStack } = command as { middlewareStack: MiddlewareStack<object, object> }
  const adds: BuildMiddleware<object, object> = (next) => (args) => {
    Object.assign((args.request as { headers: object }).headers, { 'x-amzn-trace-id': header })
    return next(args)
  }
  middlewareStack.add(adds, { step: 'build', name: 'trace' })
  return command
}
