/** Shows each hop of some files' traces as it happens: a quick one when it is over, a long one also when it begins. */
import type { Trace, TraceNode } from '../../control/traces.ts'
import type { ControlClient } from '../controlClient.ts'
import { duration, padEnd, paint } from '../terminal.ts'
import { amountOf, label } from '../traceTree.ts'
import type { DemoFile } from './example.ts'
import type { Story } from './story.ts'

const tints = [paint.magenta, paint.yellow, paint.blue]

export class HopFollower {
  readonly #control: ControlClient
  readonly #files: DemoFile[]
  readonly #story: Story
  /** How each hop was last shown. */
  readonly #shown = new Map<string, string>()
  #firstAt: number | undefined

  constructor(parts: { control: ControlClient; files: DemoFile[]; story: Story }) {
    this.#control = parts.control
    this.#files = parts.files
    this.#story = parts.story
  }

  /** Shows what is new since the last call. */
  async look(): Promise<void> {
    const traces = await Promise.all(this.#files.map((file) => this.traceOf(file)))
    const news = traces.flatMap((trace, at) =>
      [...hopsOf(trace?.roots ?? [])].filter((hop) => this.#isNews(hop)).map((hop) => ({ hop, at })),
    )
    news.sort((left, right) => left.hop.startedAt - right.hop.startedAt)
    for (const { hop, at } of news) this.#show(hop, at)
  }

  async traceOf(file: DemoFile): Promise<Trace | undefined> {
    return this.#control.get<Trace>(`/traces/${encodeURIComponent(file.key)}`).catch(() => undefined)
  }

  #isNews(hop: TraceNode): boolean {
    const isQuickAndRunning = hop.status === 'running' && hop.service !== 'glue'
    return this.#shown.get(hop.id) !== hop.status && !isQuickAndRunning
  }

  #show(hop: TraceNode, at: number): void {
    this.#firstAt ??= hop.startedAt
    this.#shown.set(hop.id, hop.status)
    const tint = tints[at % tints.length] ?? paint.dim
    const took = hop.endedAt !== undefined && hop.endedAt > hop.startedAt ? duration(hop.endedAt - hop.startedAt) : ''
    const moment = paint.dim(`+${((hop.startedAt - this.#firstAt) / 1000).toFixed(3)}`)
    const figures = [took, amountOf(hop)].filter(Boolean).join(', ')
    const failed = hop.error ? ` ${paint.red(hop.error.split('\n')[0] ?? '')}` : ''
    this.#story.line(
      `   ${moment}  ${tint(padEnd(this.#files[at]?.name ?? '', 10))} ${label(hop)} ${paint.dim(figures)}${failed}`,
    )
  }
}

export function* hopsOf(nodes: TraceNode[]): Generator<TraceNode> {
  for (const node of nodes) {
    yield node
    yield* hopsOf(node.children)
  }
}
