/**
 * The pattern of a message: what varies from event to event is a token by its kind, `<Time-1>`, `<IP-2>`, and the rest
 * stays. AWS finds patterns by learning; ours are found by the shape of the words alone, so the same message has the
 * same pattern whatever else was logged.
 */
const kinds: readonly [name: string, pattern: RegExp][] = [
  [
    'Time',
    /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?|\d{4}-\d\d-\d\d|\d\d:\d\d:\d\d(?:[.,]\d+)?/,
  ],
  ['UUID', /[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}/],
  ['Email', /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/],
  ['IP', /\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?|[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){7}/],
  ['ID', /[0-9a-fA-F]*(?:\d[a-fA-F]|[a-fA-F]\d)[0-9a-fA-F]{6,}/],
  ['Number', /[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/],
]

const variable = new RegExp(kinds.map(([, { source }]) => `(${source})`).join('|'), 'g')
const wordWithDigit = /[\p{L}_]*(?:<[A-Za-z]+-\d+>[\p{L}_]*)+/gu
const messageLengthMax = 4_096

export function patternOf(message: string): string {
  let count = 0
  const tokens = message.slice(0, messageLengthMax).replace(variable, (...match) => {
    const kind = kinds.findIndex((_, i) => match[i + 1] !== undefined)
    count++
    return `<${kinds[kind]?.[0] ?? 'Token'}-${count}>`
  })
  // `order1234` varies as a whole.
  return tokens.replace(wordWithDigit, (word) => (word.startsWith('<') && word.endsWith('>') ? word : tokenOf(word)))
}

function tokenOf(word: string): string {
  const number = /<[A-Za-z]+-(\d+)>/.exec(word)?.[1] ?? '1'
  return `<Token-${number}>`
}
