/** Patterns without a server: is this event matched, and which pattern would match it. */
import { existsSync, readFileSync } from 'node:fs'
import { InvalidPattern } from '../engines/patterns/compiler.ts'
import { explain } from '../engines/patterns/explanation.ts'
import { compilePattern, type Pattern } from '../engines/patterns/pattern.ts'
import { patternFor } from '../engines/patterns/suggestion.ts'
import { UserError } from '../userError.ts'
import { drawExplanation } from './drawnExplanation.ts'

/** 0 if it matches, 1 if not: a script may ask. */
export function testPattern(asked: { pattern?: unknown; event?: unknown; json: boolean }): number {
  if (typeof asked.pattern !== 'string' || typeof asked.event !== 'string') {
    throw new UserError('Which pattern, and which event?', { fix: 'Say `igarape events test --pattern P --event E`.' })
  }
  const pattern = compiled(textFrom(asked.pattern))
  const event = objectFrom(asked.event)
  const explanation = explain(pattern, event)
  console.log(
    asked.json ? JSON.stringify(explanation, null, 2) : drawExplanation('The pattern', { event, ...explanation }),
  )
  return explanation.matched ? 0 : 1
}

export function eventPattern(given: string | undefined): number {
  if (given === undefined) {
    throw new UserError('Of which event?', { fix: 'Say `igarape events pattern-for FILE`.' })
  }
  console.log(JSON.stringify(patternFor(objectFrom(given) as Parameters<typeof patternFor>[0]), null, 2))
  return 0
}

function compiled(text: string): Pattern {
  try {
    return compilePattern(text)
  } catch (error) {
    if (error instanceof InvalidPattern) throw new UserError(error.message, { fix: 'PutRule would refuse it too.' })
    throw error
  }
}

/** An event as JSON, in a file, or on standard input. */
export function objectFrom(given: string): object {
  const text = textFrom(given)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new UserError(`${given} is not JSON: ${(error as Error).message}`, {
      fix: 'Give an event as EventBridge shows it.',
    })
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new UserError('An event is a JSON object.', { fix: 'Give an event as EventBridge shows it.' })
  }
  return value
}

/** JSON itself, a file's, or standard input's. */
function textFrom(given: string): string {
  if (given === '-') return readFileSync(0, 'utf8')
  if (existsSync(given)) return readFileSync(given, 'utf8')
  if (/^\s*[{["]/.test(given)) return given
  throw new UserError(`There is no file ${given}.`, { fix: 'Give JSON, a file of it, or - for standard input.' })
}
