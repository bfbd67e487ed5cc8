/** The part of JSONPath that EventBridge takes: `$.detail.items[0].name`, `$['detail-type']`, `$.detail.*`. */
import type { JsonNode } from '../../engines/patterns/jsonText.ts'

export class InvalidPath extends Error {}

/** A name, an index, or every child. */
export type PathStep = { name: string } | { index: number } | 'every'

export function parsePath(path: string): PathStep[] {
  if (!path.startsWith('$')) throw new InvalidPath(path)
  const steps: PathStep[] = []
  const step = /\.(\*)|\.([^.[\]*'"\s]+)|\[(\d+)\]|\[(\*)\]|\['([^']+)'\]|\["([^"]+)"\]/y
  step.lastIndex = 1
  while (step.lastIndex < path.length) {
    const match = step.exec(path)
    if (!match) throw new InvalidPath(path)
    const [, star, name, index, bracketStar, quoted, doubleQuoted] = match
    if (star || bracketStar) steps.push('every')
    else if (index !== undefined) steps.push({ index: Number(index) })
    else steps.push({ name: (name ?? quoted ?? doubleQuoted) as string })
  }
  return steps
}

/** What lies there; a path with `*` finds a list. Undefined where there is nothing. */
export function valueAt(root: JsonNode, steps: readonly PathStep[]): JsonNode | undefined {
  let found: JsonNode[] = [root]
  for (const step of steps) found = found.flatMap((node) => childrenAt(node, step))
  if (steps.includes('every')) return { kind: 'array', items: found }
  return found[0]
}

function childrenAt(node: JsonNode, step: PathStep): JsonNode[] {
  if (step === 'every') {
    if (node.kind === 'array') return node.items
    return node.kind === 'object' ? node.entries.map(([, value]) => value) : []
  }
  if ('index' in step) {
    const item = node.kind === 'array' ? node.items[step.index] : undefined
    return item ? [item] : []
  }
  // A name below a list means that member of each of its elements.
  if (node.kind === 'array') return node.items.flatMap((item) => childrenAt(item, step))
  if (node.kind !== 'object') return []
  return node.entries.filter(([key]) => key === step.name).map(([, value]) => value)
}
