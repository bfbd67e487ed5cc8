/** Lambdas as text: `lambda q1, q2: body`. Their parameters bear names that nothing else in the statement has. */

/** The body with values in place of its parameters: for calls that DuckDB has no list function for. */
export function applied(lambda: string, values: readonly string[]): string {
  const match = /^lambda ([a-z0-9_, ]+): ([\s\S]*)$/.exec(lambda)
  if (!match) return lambda
  const names = (match[1] as string).split(', ')
  return names.reduce(
    (body, name, i) => body.replace(new RegExp(`\\b${name}\\b`, 'g'), () => `(${values[i]})`),
    match[2] as string,
  )
}
