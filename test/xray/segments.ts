/** Segment documents for tests, and their sending. */
import { PutTraceSegmentsCommand, XRayClient } from '@aws-sdk/client-xray'
import type { Igarape } from '../../src/testkit/server.ts'

export interface Sample {
  id: string
  name: string
  [member: string]: unknown
}

/** An id of AWS's form, at the server's own time. */
export function traceIdAt(igarape: Igarape, rest: number, millisecondsAgo = 0): string {
  const seconds = Math.floor((igarape.clock.now().getTime() - millisecondsAgo) / 1000)
  return `1-${seconds.toString(16).padStart(8, '0')}-${rest.toString(16).padStart(24, '0')}`
}

export function segmentId(number: number): string {
  return number.toString(16).padStart(16, '0')
}

/** A document of one second's work, begun now. */
export function documentOf(igarape: Igarape, traceId: string, sample: Sample): Sample {
  const start = igarape.clock.now().getTime() / 1000
  return { trace_id: traceId, start_time: start, end_time: start + 1, ...sample }
}

export async function send(igarape: Igarape, documents: readonly object[]) {
  const TraceSegmentDocuments = documents.map((document) => JSON.stringify(document))
  const answer = await igarape.client(XRayClient).send(new PutTraceSegmentsCommand({ TraceSegmentDocuments }))
  return answer.UnprocessedTraceSegments
}

/**
 * A shop: a web front (root) calls an API, which asks a table, and somebody's service of payments that fails.
 */
export async function sendShop(igarape: Igarape, number: number, changes: { user?: string; failing?: boolean } = {}) {
  const { user = 'ana', failing = true } = changes
  const traceId = traceIdAt(igarape, number)
  const start = igarape.clock.now().getTime() / 1000
  const at = (from: number, to: number) => ({ start_time: start + from, end_time: start + to })
  const documents = [
    documentOf(igarape, traceId, {
      ...{ id: segmentId(1), name: 'loja.example', ...at(0, 3), origin: 'AWS::EC2::Instance', user },
      http: {
        request: { method: 'POST', url: 'https://loja.example/pedidos', client_ip: '10.1.2.3', user_agent: 'curl' },
        response: { status: failing ? 502 : 200 },
      },
      aws: { ec2: { instance_id: 'i-0b', availability_zone: 'us-east-1a' } },
      subsegments: [
        { id: segmentId(2), name: 'api', namespace: 'remote', ...at(0.5, 2.5), ...(failing && { fault: true }) },
      ],
    }),
    documentOf(igarape, traceId, {
      ...{ id: segmentId(3), name: 'api', parent_id: segmentId(2), ...at(0.6, 2.4), ...(failing && { fault: true }) },
      annotations: { loja: 'loja-123', itens: 3, urgente: true },
      subsegments: [
        {
          ...{ id: segmentId(4), name: 'DynamoDB', namespace: 'aws', ...at(0.7, 0.9) },
          aws: { operation: 'GetItem', table_name: 'produtos' },
        },
      ],
    }),
    documentOf(igarape, traceId, {
      ...{ id: segmentId(5), parent_id: segmentId(3), type: 'subsegment', name: 'pagamentos.example', ...at(1, 2) },
      namespace: 'remote',
      http: { request: { url: 'https://pagamentos.example/' }, response: { status: failing ? 503 : 200 } },
      ...(failing && {
        fault: true,
        cause: { exceptions: [{ id: segmentId(9), type: 'Timeout', message: 'too slow' }] },
      }),
    }),
  ]
  const refused = await send(igarape, documents)
  return { traceId, refused }
}
