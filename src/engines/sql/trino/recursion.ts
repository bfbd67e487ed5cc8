/**
 * WITH RECURSIVE as Trino runs it: the step is applied up to ten times, each time to what the last one gave, and more is
 * an error. (trino.io, "WITH RECURSIVE clause", max_recursion_depth.)
 */
import type { Query, WithItem } from './ast.ts'
import { isCoercible } from './coercion.ts'
import type { Environment, NamedQuery } from './compilation.ts'
import { environment } from './expressions.ts'
import { compileBody, convertedQuery, renamed } from './queries.ts'
import { typeName } from './sqlTypes.ts'
import { tablesNamed } from './tableNames.ts'
import { failSql, trinoError, typeMismatch } from './trinoErrors.ts'

const stepsMax = 10

/** Undefined where the query does not name itself. */
export function recursiveQuery(
  item: WithItem,
  env: Environment,
): { query: NamedQuery; definitions: string[] } | undefined {
  const name = item.name.text.toLowerCase()
  if (!namesItself(item.query, name)) return undefined
  const { body } = item.query
  if (body.kind !== 'setOperation' || body.operator !== 'UNION' || !body.all) {
    throw trinoError('INVALID_RECURSIVE_REFERENCE', 'Recursive reference outside of the step of a UNION ALL', item.name)
  }
  if (!item.columns)
    throw trinoError('MISSING_COLUMN_ALIASES', 'missing column aliases in recursive WITH query', item.name)
  const first = renamed(item, compileBody(body.left, env))
  const types = first.columns.map((column) => column.type)
  const list = types.map((_, i) => `c${i}`).join(', ')
  const steps = [env.c.newName()]
  const definitions = [`${steps[0]} AS MATERIALIZED (${first.sql})`]
  for (let step = 1; step <= stepsMax + 1; step++) {
    const before = { sql: `SELECT ${list} FROM ${steps[step - 1]}`, columns: first.columns }
    const inner = environment({ ...env, queries: new Map([...env.queries, [name, before]]) })
    const next = compileBody(body.right, inner)
    for (const [i, column] of next.columns.entries()) {
      const wanted = types[i]
      if (!wanted || !isCoercible(column.type, wanted)) {
        throw typeMismatch(
          `recursion step relation output type (${typeName(column.type)}) is not coercible to recursion base relation output type (${wanted ? typeName(wanted) : 'none'}) at column ${i + 1}`,
          body.right.at,
        )
      }
    }
    const alias = env.c.newName()
    steps.push(alias)
    definitions.push(`${alias} AS MATERIALIZED (${convertedQuery(next, types, inner)})`)
  }
  const tooDeep = failSql(
    'NOT_SUPPORTED',
    `Recursion depth limit exceeded (${stepsMax}). Use 'max_recursion_depth' session property to modify the limit.`,
    'BOOLEAN',
  )
  const beyond = steps[stepsMax + 1] as string
  const parts = steps.slice(0, stepsMax + 1).map((step) => `SELECT ${list} FROM ${step}`)
  parts.push(`SELECT ${list} FROM ${beyond} WHERE ${tooDeep}`)
  return { query: { sql: parts.join(' UNION ALL '), columns: first.columns }, definitions }
}

function namesItself(query: Query, name: string): boolean {
  return tablesNamed(query).some((table) => table.name.length === 1 && table.name[0]?.text.toLowerCase() === name)
}
