/** json_extract's paths: `$.a[0]["b c"]`, `[*]`, `..`; the older of Trino's two path languages (trino.io, "json_extract"). */

import { type Json, JsonNumber } from './jsonValues.ts'
import { invalidArgument } from './native.ts'

type Step = { kind: 'member'; name: string } | { kind: 'index'; index: number }

/** Errors: INVALID_FUNCTION_ARGUMENT, also for wildcards and `..`, which this path language does not have. */
export function extractSteps(path: string): Step[] {
  const steps: Step[] = []
  let rest = path.startsWith('$') ? path.slice(1) : /^[.[]/.test(path) ? path : `.${path}`
  while (rest !== '') {
    const match =
      /^\.([\p{L}\p{N}_:$@-]+)/u.exec(rest) ??
      /^\[\s*(-?\d+)\s*\]/.exec(rest) ??
      /^\[\s*"((?:[^"\\]|\\.)*)"\s*\]/.exec(rest) ??
      /^\[\s*'((?:[^'\\]|\\.)*)'\s*\]/.exec(rest) ??
      /^\[([\p{L}_][\p{L}\p{N}_:-]*)\]/u.exec(rest)
    if (!match) throw invalidArgument(`Invalid JSON path: '${path}'`)
    const [whole, name = ''] = match
    const isIndex = /^\[\s*-?\d+\s*\]$/.test(whole)
    steps.push(
      isIndex ? { kind: 'index', index: Number(name) } : { kind: 'member', name: name.replace(/\\(.)/g, '$1') },
    )
    rest = rest.slice(whole.length)
  }
  return steps
}

/** Undefined where the path leads nowhere. */
export function extract(value: Json, steps: readonly Step[]): Json | undefined {
  return steps.reduce<Json | undefined>(
    (reached, step) => (reached === undefined ? undefined : next(reached, step)),
    value,
  )
}

function next(value: Json, step: Step): Json | undefined {
  if (Array.isArray(value))
    return value[step.kind === 'index' ? step.index : /^\d+$/.test(step.name) ? Number(step.name) : -1]
  return value instanceof Map && step.kind === 'member' ? value.get(step.name) : undefined
}

/** A scalar's text; NULL for JSON's null and for what is no scalar. */
export function scalarText(value: Json | undefined): string | null {
  if (value instanceof JsonNumber) return value.text
  return typeof value === 'string' || typeof value === 'boolean' ? String(value) : null
}
