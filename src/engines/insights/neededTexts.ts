/**
 * Texts that a message must have for the first filters to let it pass, any one of them: who reads events looks for them
 * in the raw message, and hands on no others. It only ever leaves out what no filter would let pass.
 */
import type { Command, Expression } from './ast.ts'
import { looksNumeric } from './values.ts'

/** Undefined: any message may pass. */
export function neededTexts(commands: readonly Command[]): string[] | undefined {
  const named = new Set<string>()
  let needed: string[] | undefined
  for (const command of commands) {
    if (command.kind === 'filter') needed = narrower(needed, textsOf(command.condition, named))
    else if (command.kind === 'fields' || command.kind === 'display')
      for (const { name } of command.items) named.add(name)
    else if (command.kind === 'parse') for (const name of command.names) named.add(name)
    else if (command.kind !== 'sort' && command.kind !== 'nothing') return needed
    // Names in a regular expression's groups are not known here.
    if (command.kind === 'parse' && command.pattern.kind === 'regex') return needed
  }
  return needed
}

function narrower(left: string[] | undefined, right: string[] | undefined): string[] | undefined {
  if (!left || !right) return left ?? right
  const shortest = (texts: string[]) => Math.min(...texts.map((text) => text.length))
  return shortest(right) > shortest(left) ? right : left
}

function textsOf(condition: Expression, named: ReadonlySet<string>): string[] | undefined {
  switch (condition.kind) {
    case 'binary': {
      const { operator, left, right } = condition
      if (operator === 'and') return narrower(textsOf(left, named), textsOf(right, named))
      if (operator === 'or') return both(textsOf(left, named), textsOf(right, named))
      if (operator !== '=') return undefined
      return equalTexts(left, right, named) ?? equalTexts(right, left, named)
    }
    case 'in': {
      if (condition.isNegated || condition.items.length === 0) return undefined
      return condition.items.map((item) => equalTexts(condition.operand, item, named)).reduce(both)
    }
    case 'like':
      return condition.isNegated ? undefined : likeTexts(condition, named)
  }
  return undefined
}

function both(left: string[] | undefined, right: string[] | undefined): string[] | undefined {
  return left && right ? [...new Set([...left, ...right])] : undefined
}

function equalTexts(field: Expression, value: Expression, named: ReadonlySet<string>): string[] | undefined {
  // A number may be written in several ways.
  if (value.kind !== 'string' || looksNumeric(value.text)) return undefined
  return fieldTexts(field, value.text, named)
}

function likeTexts(
  { operand, pattern }: Expression & { kind: 'like' },
  named: ReadonlySet<string>,
): string[] | undefined {
  const isPlain = pattern.kind === 'regex' && /^[\w :;,@#&=<>~'"-]+$/.test(pattern.source)
  if (pattern.kind !== 'string' && !isPlain) return undefined
  const text = pattern.kind === 'string' ? pattern.text : (pattern as { source: string }).source
  if (operand.kind === 'field' && operand.name === '@message' && !named.has('@message'))
    return text === '' ? undefined : [text]
  return looksNumeric(text) ? undefined : fieldTexts(operand, text, named)
}

/** In JSON a text may be written with escapes; what is never escaped but as `\u…` is looked for, or any such escape. */
function fieldTexts(field: Expression, text: string, named: ReadonlySet<string>): string[] | undefined {
  if (field.kind !== 'field' || field.name.startsWith('@')) return undefined
  // The name, or what it is a part of, was made by the query itself.
  if (field.segments.some((_, i) => named.has(field.segments.slice(0, i + 1).join('.')))) return undefined
  const plain = (text.match(/[A-Za-z0-9 _.:,;=+*()[\]{}#%&@!?$^|~<>'-]+/g) ?? []).sort((a, b) => b.length - a.length)[0]
  // Short texts and those of true, false and numbers (`1`) are in nearly every message anyway.
  return plain !== undefined && plain.length > 1 && !looksNumeric(plain) ? [plain, '\\u'] : undefined
}
