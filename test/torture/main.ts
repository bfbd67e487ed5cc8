/**
 * `npm run torture`: two hundred kills of the real server under load, and an account of all that it acknowledged.
 * `--rounds 500`, `--seed 7`; `--large` also puts an object of 5 GB and looks at the server's memory meanwhile.
 */
import { parseArgs } from 'node:util'
import { table } from '../../src/cli/terminal.ts'
import { largeObject } from './largeObject.ts'
import { torture } from './torture.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    large: { type: 'boolean', default: false },
  },
})

process.exit((await kills()) && (!values.large || (await large())) ? 0 : 1)

async function kills(): Promise<boolean> {
  const [rounds, seed] = [Number(values.rounds), Number(values.seed)]
  console.log(`${rounds} rounds, seed ${seed}`)
  const { rows, lost, processesLeft } = await torture({
    rounds,
    seed,
    onRound: (round, acknowledged) => {
      if (round % 10 === 0) console.log(`${round} kills, ${acknowledged} acknowledged writes`)
    },
  })
  const cells = rows.map(({ way, acknowledged, lost, duplicates, contract }) => [
    ...[way, String(acknowledged), String(lost), String(duplicates)],
    contract,
  ])
  console.log(`\n${table(['write', 'acknowledged', 'lost', 'duplicates', 'AWS promises'], cells)}\n`)
  for (const one of [...lost.slice(0, 20), ...processesLeft.map((pid) => `process ${pid} outlived the server`)]) {
    console.log(`  ${one}`)
  }
  const isTwice = rows.some(({ contract, duplicates }) => contract === 'once' && duplicates > 0)
  const isGood = lost.length === 0 && processesLeft.length === 0 && !isTwice
  console.log(isGood ? 'Nothing that was acknowledged is lost.' : `${lost.length} lost.`)
  return isGood
}

async function large(): Promise<boolean> {
  const { bytes, extraBytes, seconds } = await largeObject()
  const mega = (amount: number) => `${Math.round(amount / 2 ** 20)} MB`
  console.log(
    `An object of ${mega(bytes)} went up and came down in ${seconds.toFixed(0)} s, with ${mega(extraBytes)} of memory more.`,
  )
  return extraBytes < 100 * 2 ** 20
}
