/**
 * A day of sales of one store, made up from a seed: the same seed gives the same bytes. About one row in fifty is
 * there twice, as tills that lost their connection send them.
 *
 *   npx tsx data/generate.ts 456 2025-10-20 200000 7 > loja-456_2025-10-20.csv
 */
import { once } from 'node:events'
import { stdout } from 'node:process'

const products = [
  ['P-001', 'Café torrado 500 g', 1890],
  ['P-002', 'Pão de açúcar mascavo', 1250],
  ['P-003', 'Açaí com guaraná 1 L', 3490],
  ['P-004', 'Feijão-preto 1 kg', 899],
  ['P-005', 'Queijo coalho', 2775],
  ['P-006', 'Farinha de mandioca', 649],
  ['P-007', 'Cupuaçu congelado', 2199],
  ['P-008', 'Tucupi 900 ml', 1780],
  ['P-009', 'Castanha-do-pará 250 g', 4200],
  ['P-010', 'Guaraná em pó', 3115],
] as const

const [store = '456', day = '2025-10-20', rows = '200000', seed = '7'] = process.argv.slice(2)

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
  yield 'venda_id,produto_id,produto,quantidade,valor,data\n'
  let sale = 0
  let last = ''
  for (let row = 0; row < Number(rows); row++) {
    if (last === '' || random() >= 0.02) {
      const [id, name, cents] = products[Math.floor(random() * products.length)] ?? products[0]
      const count = 1 + Math.floor(random() * 5)
      sale += 1
      last = `${store}-${String(sale).padStart(7, '0')},${id},${name},${count},${((cents * count) / 100).toFixed(2)},${day}\n`
    }
    yield last
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
