/**
 * A day of an application's log, one JSON event a line, made up from a seed: the same seed gives the same bytes.
 *
 *   npx tsx data/generate.ts 2025-10-20 1000000 7 > app.log.2025-10-20.json
 */
import { once } from 'node:events'
import { stdout } from 'node:process'

/** [level, error type, message], the frequent ones first: a chance is drawn to the fourth power. */
const kinds = [
  ['INFO', undefined, 'pedido recebido'],
  ['INFO', undefined, 'pagamento aprovado'],
  ['INFO', undefined, 'nota fiscal emitida'],
  ['INFO', undefined, 'estoque conferido'],
  ['WARN', undefined, 'resposta lenta do parceiro'],
  ['ERROR', 'PaymentTimeout', 'o banco não respondeu em 5 s'],
  ['ERROR', 'StockMismatch', 'o estoque não confere com o pedido'],
  ['ERROR', 'InvalidCep', 'CEP inexistente'],
  ['CRITICAL', 'DatabaseUnavailable', 'sem conexão com o banco de pedidos'],
  ['CRITICAL', 'DataCorruption', 'soma de verificação não confere'],
] as const

const [day = '2025-10-20', events = '100000', seed = '7'] = process.argv.slice(2)

/** Mulberry32: small, fast, the same everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function* lines(random: () => number): Generator<string> {
  const start = Date.parse(`${day}T00:00:00Z`)
  const step = (24 * 60 * 60 * 1000) / Number(events)
  for (let number = 0; number < Number(events); number++) {
    const [level, errorType, message] = kinds[Math.floor(random() ** 4 * kinds.length)] ?? kinds[0]
    const event = {
      timestamp: new Date(start + Math.floor((number + random()) * step)).toISOString(),
      level,
      service: random() < 0.7 ? 'checkout' : 'catalogo',
      user: `u-${1 + Math.floor(random() ** 2 * 5000)}`,
      ...(errorType && { error_type: errorType }),
      message,
      duration_ms: Math.floor(random() ** 3 * 5000),
    }
    yield `${JSON.stringify(event)}\n`
  }
}

let block: string[] = []
for (const line of lines(randomFrom(Number(seed)))) {
  block.push(line)
  if (block.length === 5000) {
    if (!stdout.write(block.join(''))) await once(stdout, 'drain')
    block = []
  }
}
stdout.write(block.join(''))
