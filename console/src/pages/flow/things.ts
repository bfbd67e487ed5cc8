/** The things of a flow and what leads from one to the other, collected from many lists that come in any order. */

export type NodeKind =
  | 'bucket'
  | 'rule'
  | 'function'
  | 'queue'
  | 'topic'
  | 'job'
  | 'table'
  | 'warehouse'
  | 'mail'
  | 'schedule'
  | 'alarm'
  | 'web'

export interface FlowNode {
  id: string
  kind: NodeKind
  name: string
  /** Beside the kind: the bus of a rule, the workflow of a job. */
  note?: string
}

export interface FlowEdge {
  from: string
  to: string
  /** What is sent when it could not be delivered. */
  isFailure?: boolean
}

export interface Topology {
  nodes: FlowNode[]
  edges: FlowEdge[]
}

export const mailId = (topic: string, address: string) => `mail:${topic} ${address}`
export const idOf = (kind: NodeKind, name: string) => `${kind}:${name}`

/** What names another thing is followed when all are there. */
export class Finder {
  readonly nodes = new Map<string, FlowNode>()
  readonly edges = new Map<string, FlowEdge>()
  readonly #laterOn: (() => void)[] = []
  readonly #atLast: (() => void)[] = []

  add(kind: NodeKind, name: string, note?: string): string {
    const id = idOf(kind, name)
    this.nodes.set(id, { id, kind, name, ...(note && { note }) })
    return id
  }

  /** Once for each topic: who is told of two pipelines does not make them one. */
  addMail(topic: string, address: string): string {
    const id = mailId(topic, address)
    this.nodes.set(id, { id, kind: 'mail', name: address })
    return id
  }

  lead(from: string, to: string | undefined, isFailure = false): void {
    if (!to || from === to) return
    const key = `${from}>${to}`
    if (!this.edges.has(key) || !isFailure) this.edges.set(key, { from, to, ...(isFailure && { isFailure }) })
  }

  later(work: () => void): void {
    this.#laterOn.push(work)
  }

  /** What settings hint at, when all that is declared is known. */
  atLast(work: () => void): void {
    this.#atLast.push(work)
  }

  follow(): void {
    for (const work of [...this.#laterOn, ...this.#atLast]) work()
  }

  of(kind: NodeKind): FlowNode[] {
    return [...this.nodes.values()].filter((node) => node.kind === kind)
  }

  /** The thing that an ARN, an address, or a setting's value names. */
  named(value: string | undefined): string[] {
    if (!value) return []
    const arn = nodeOfArn(value)
    if (arn && this.nodes.has(arn)) return [arn]
    const bucket = /^s3:\/\/([^/]+)/.exec(value)?.[1] ?? value
    const last = value.split('/').pop() ?? value
    return [
      idOf('bucket', bucket),
      idOf('topic', value),
      idOf('queue', value.startsWith('http') ? last : value),
      idOf('warehouse', value),
      idOf('job', value),
      idOf('table', value),
    ].filter((id) => this.nodes.has(id))
  }

  topology(): Topology {
    const there = [...this.edges.values()].filter(({ from, to }) => this.nodes.has(from) && this.nodes.has(to))
    return { nodes: [...this.nodes.values()], edges: there }
  }
}

export function nodeOfArn(arn: string): string | undefined {
  const [, , service, , , ...rest] = arn.split(':')
  const resource = rest.join(':')
  if (service === 's3') return idOf('bucket', resource)
  if (service === 'sqs') return idOf('queue', resource)
  if (service === 'sns') return idOf('topic', resource)
  if (service === 'lambda') return idOf('function', resource.split(':')[1] ?? '')
  if (service === 'dynamodb') return idOf('table', resource.split('/')[1] ?? '')
  if (service === 'glue' && resource.startsWith('job/')) return idOf('job', resource.slice(4))
  if (service === 'events' && resource.startsWith('api-destination/')) return idOf('web', resource.split('/')[1] ?? '')
  if (service?.startsWith('redshift')) return idOf('warehouse', resource.split('/').pop() ?? '')
  return undefined
}
