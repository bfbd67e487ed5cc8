/** `npm run sim -- --seed 7` replays one run; `npm run sim -- --seeds 1000` runs many. */
import { parseArgs } from 'node:util'
import { simulateSchedules } from './schedules.ts'
import { simulate } from './simulate.ts'

const { values } = parseArgs({ options: { seed: { type: 'string' }, seeds: { type: 'string', default: '200' } } })
const seeds = values.seed
  ? [Number(values.seed)]
  : Array.from({ length: Number(values.seeds) }, (_, index) => index + 1)
const sum = { acknowledged: 0, due: 0, kills: 0, failed: 0 }
for (const seed of seeds) {
  const report = await simulate(seed)
  sum.acknowledged += report.acknowledged
  const schedules = await simulateSchedules(seed)
  sum.due += schedules.due
  sum.kills += report.kills + schedules.kills
  if (report.missing.length + schedules.wrong.length > 0) sum.failed++
  if (report.missing.length > 0) console.log(`seed ${seed}: lost ${report.missing.join(', ')}`)
  if (schedules.wrong.length > 0) console.log(`seed ${seed}: schedules: ${schedules.wrong.join(', ')}`)
}
console.log(
  `${seeds.length} seeds, ${sum.kills} kills, ${sum.acknowledged} acknowledged writes, ${sum.due} due firings, ` +
    `${sum.failed} seeds went wrong`,
)
process.exit(sum.failed > 0 ? 1 : 0)
