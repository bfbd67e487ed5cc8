/** All fields that are discovered in one event, as a query over it would give them: for whoever asks for one event whole. */
import { bodyOf } from './bodies.ts'

/** Leaves of the event's JSON, by their names with dots. */
export function discoveredFields(message: string, group: string): Map<string, string> {
  const found = new Map<string, string>()
  const body = bodyOf(message, group) ?? message
  if (!body.startsWith('{')) return found
  try {
    gather(JSON.parse(body), '', found)
  } catch {
    // What is no JSON has no fields.
  }
  return found
}

function gather(value: unknown, name: string, found: Map<string, string>): void {
  if (value === null || value === undefined) return
  if (typeof value !== 'object') {
    const shown = name.startsWith('@') ? `@${name}` : name
    found.set(shown, typeof value === 'boolean' ? String(Number(value)) : String(value))
    return
  }
  for (const [key, inner] of Object.entries(value)) gather(inner, name === '' ? key : `${name}.${key}`, found)
}
