/** `npm run sim -- --seed 7` replays one run; `npm run sim -- --seeds 1000` runs many. */
import { parseArgs } from 'node:util'
import { simulate } from './simulate.ts'

const { values } = parseArgs({ options: { seed: { type: 'string' }, seeds: { type: 'string', default: '200' } } })
const seeds = values.seed
  ? [Number(values.seed)]
  : Array.from({ length: Number(values.seeds) }, (_, index) => index + 1)
const sum = { acknowledged: 0, kills: 0, failed: 0 }
for (const seed of seeds) {
  const report = await simulate(seed)
  sum.acknowledged += report.acknowledged
  sum.kills += report.kills
  if (report.missing.length > 0) {
    sum.failed++
    console.log(`seed ${seed}: lost ${report.missing.join(', ')}`)
  }
}
console.log(
  `${seeds.length} seeds, ${sum.kills} kills, ${sum.acknowledged} acknowledged writes, ${sum.failed} seeds lost something`,
)
process.exit(sum.failed > 0 ? 1 : 0)
