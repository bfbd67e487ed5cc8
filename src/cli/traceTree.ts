/** A trace drawn as a tree: what was done on what, when, for how long, rows, bytes, what it would have cost on AWS. */
import type { Trace, TraceNode } from '../control/traces.ts'
import { bytes, count, dollars, duration, padEnd, paint, width } from './terminal.ts'

/** Lines of one width each: the tree on the left, its figures in columns on the right. */
export function drawTrace(trace: Trace): string {
  const rows = trace.roots.flatMap((root, at) => branch(root, trace.startedAt, '', at === trace.roots.length - 1, true))
  const treeWidth = Math.max(40, ...rows.map((row) => width(row.tree)))
  const lines = rows.map((row) => {
    const figures = [row.at.padStart(9), row.took.padStart(9), row.amount.padStart(14), row.cost.padStart(11)]
    return `${padEnd(row.tree, treeWidth)} ${paint.dim(figures.join(' '))}${row.note}`.trimEnd()
  })
  const heading = ['at', 'took', 'rows', 'AWS cost'].map((word, at) => word.padStart([9, 9, 14, 11][at] ?? 0)).join(' ')
  const total = `${rows.length} hops in ${duration(trace.endedAt - trace.startedAt)}, on AWS about ${dollars(trace.costUsd)}`
  return [
    `${padEnd(paint.bold(trace.traceId), treeWidth)} ${paint.dim(heading)}`,
    ...lines,
    ...(trace.truncated ? [paint.yellow('… and more: a trace is kept up to some thousands of hops.')] : []),
    `${paint.bold(total)} ${paint.dim('(list prices of us-east-1)')}`,
  ].join('\n')
}

interface Row {
  tree: string
  at: string
  took: string
  amount: string
  cost: string
  note: string
}

function branch(node: TraceNode, start: number, indent: string, isLast: boolean, isRoot: boolean): Row[] {
  const elbow = isRoot ? '' : isLast ? '└─ ' : '├─ '
  const below = isRoot ? '' : isLast ? '   ' : '│  '
  const failed = node.error ? ` ${paint.red(node.error.split('\n')[0] ?? '')}` : ''
  const row: Row = {
    tree: `${paint.dim(indent + elbow)}${label(node)}`,
    at: `+${duration(node.startedAt - start)}`,
    took:
      node.endedAt === undefined
        ? 'running'
        : node.endedAt > node.startedAt
          ? duration(node.endedAt - node.startedAt)
          : '',
    amount: amountOf(node),
    cost: node.costUsd ? dollars(node.costUsd) : '',
    note: failed,
  }
  const children = node.children.flatMap((child, at) =>
    branch(child, start, indent + below, at === node.children.length - 1, false),
  )
  return [row, ...children]
}

/** `✔ lambda Invoke validacao_vendas` */
export function label(hop: Pick<TraceNode, 'status' | 'service' | 'action' | 'resource'>): string {
  return `${mark(hop.status)} ${paint.cyan(hop.service)} ${hop.action} ${paint.bold(hop.resource)}`
}

export function mark(status: TraceNode['status']): string {
  if (status === 'failed') return paint.red('✘')
  return status === 'running' ? paint.yellow('…') : paint.green('✔')
}

export function amountOf(hop: Pick<TraceNode, 'rows' | 'bytes'>): string {
  if (hop.rows !== undefined) return `${count(hop.rows)} rows`
  return hop.bytes === undefined ? '' : bytes(hop.bytes)
}
