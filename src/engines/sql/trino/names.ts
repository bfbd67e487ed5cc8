/** What a dotted name means: a column with its table before it, a field of a row, or a lambda's parameter. */
import type { Expression } from './ast.ts'
import type { Environment } from './compilation.ts'
import { typeName } from './sqlTypes.ts'
import { trinoError, typeMismatch } from './trinoErrors.ts'
import { compound, type Typed } from './typed.ts'

export function compileName(node: Extract<Expression, { kind: 'name' | 'field' }>, env: Environment): Typed {
  const path = pathOf(node)
  const head = path?.[0]
  if (head !== undefined && env.lambdas.has(head)) {
    if (node.kind === 'field') return rowField(node, env)
    return { ...(env.lambdas.get(head) as { sql: string; type: Typed['type'] }), at: node.at }
  }
  const column = path && env.scope.find(path, node.at)
  // The answer's column is called as it was written here.
  if (column) return { ...column, name: node.kind === 'field' ? node.text : node.at.text }
  if (node.kind === 'field') return rowField(node, env)
  throw trinoError('COLUMN_NOT_FOUND', `Column '${node.name}' cannot be resolved`, node.at)
}

/** Undefined where the base is more than names. */
function pathOf(node: Expression): string[] | undefined {
  if (node.kind === 'name') return [node.name]
  if (node.kind !== 'field') return undefined
  const base = pathOf(node.base)
  return base && [...base, node.name]
}

function rowField(node: Extract<Expression, { kind: 'field' }>, env: Environment): Typed {
  let base: Typed
  try {
    base = env.compile(node.base)
  } catch (error) {
    const path = pathOf(node)
    // `t.x` where there is no t: Trino speaks of the whole name.
    if (path && (error as { code?: string }).code === 'COLUMN_NOT_FOUND') {
      throw trinoError('COLUMN_NOT_FOUND', `Column '${path.join('.')}' cannot be resolved`, node.at)
    }
    throw error
  }
  if (base.type.kind !== 'row') {
    throw typeMismatch(`Expression ${node.name} is not of type ROW (it is ${typeName(base.type)})`, node.at)
  }
  const index = base.type.fields.findIndex((field) => field.name?.toLowerCase() === node.name)
  const field = base.type.fields[index]
  if (!field)
    throw trinoError(
      'COLUMN_NOT_FOUND',
      `Column '${(pathOf(node) ?? [node.name]).join('.')}' cannot be resolved`,
      node.at,
    )
  const value = compound(`(${base.sql}).f${index}`, field.type, [base], node.at)
  return pathOf(node) ? { ...value, name: node.text } : value
}
