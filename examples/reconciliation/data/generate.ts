/**
 * A day of two banks, made up from a seed: the same seed gives the same bytes. Of 1,000 transactions about one is
 * unknown to a bank, one is there twice, and one has another amount.
 *
 *   npx tsx data/generate.ts debits 2025-10-20 1000000 7 > debits_2025-10-20.csv
 *   npx tsx data/generate.ts credits 2025-10-20 1000000 7 > credits_2025-10-20.csv
 */
import { once } from 'node:events'
import { stdout } from 'node:process'

const [side = 'debits', day = '2025-10-20', transactions = '1000000', seed = '7'] = process.argv.slice(2)

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

/** Both sides take the same chances in the same order, so they tell of the same day. */
function* lines(random: () => number): Generator<string> {
  const isDebit = side === 'debits'
  yield 'transaction_id,account,amount,booked_at\n'
  for (let number = 1; number <= Number(transactions); number++) {
    const [fate, cents, account, minute] = [random(), Math.floor(random() * 500_000) + 1, random(), random()]
    const isUnknown = isDebit ? fate < 0.0005 : fate >= 0.0005 && fate < 0.001
    if (isUnknown) continue
    const differs = !isDebit && fate >= 0.002 && fate < 0.003
    const amount = ((cents + (differs ? 100 : 0)) / 100).toFixed(2)
    const time = `${two(minute * 8)}:${two((minute * 480) % 60)}:00`
    const line = `T-${String(number).padStart(8, '0')},A-${Math.floor(account * 10_000)},${amount},${day}T${time}\n`
    yield line
    if (isDebit && fate >= 0.001 && fate < 0.002) yield line
  }
}

function two(value: number): string {
  return String(Math.floor(value)).padStart(2, '0')
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
