/**
 * This checkout beside other servers, driven from the outside by the `peers` bench, which lives outside of the project:
 * `PEERS_BENCH` names its folder, else `../shared/bench/peers` is looked for. `PEERS_HOME` is where peers are installed.
 * The bare servers (`raw-*`) only write durably: they are the ceilings that our goals are shares of.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Goal, goals, type Row } from './peersGoals.ts'
import { bench, type Figure, percentile } from './report.ts'

const checkout = resolve(import.meta.dirname, '..')
const places = [process.env.PEERS_BENCH, resolve(checkout, '../shared/bench/peers')]
const rounds = process.env.PEERS_ROUNDS ?? '3'
const secondsARow = process.env.PEERS_SECONDS ?? '3'
/** An answer to nothing: a port that is rarely taken. */
const port = process.env.PEERS_PORT ?? '17600'

export const peers = bench('Peers', async (report) => {
  const found = places.find((place) => place !== undefined && existsSync(join(place, 'run.mjs')))
  if (!found) {
    console.log('  skipped: the peers bench is not on this machine; PEERS_BENCH names its folder')
    return
  }
  const folder = mkdtempSync(join(tmpdir(), 'igarape-peers-'))
  try {
    const present = settle(join(folder, 'home'))
    for (const { suite, wanted, options, rows } of goals) {
      const out = join(folder, `${suite}.jsonl`)
      const names = present.filter((name) => wanted.includes(name))
      await run(found, ['--suites', suite, '--peers', names.join(','), '--out', out, ...options], folder)
      const measured = readRows(out)
      for (const failure of measured.filter(isFailure)) console.log(`  ${failure.peer}: ${failure.first_error}`)
      for (const goal of rows) for (const figure of figuresOf(goal, measured)) report(figure)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

/** A home as the bench wants it: this checkout, lmdb for `raw-lmdb`, and the peers that are installed. */
function settle(home: string): string[] {
  mkdirSync(join(home, 'npm'), { recursive: true })
  symlinkSync(checkout, join(home, 'igarape'))
  symlinkSync(join(checkout, 'node_modules'), join(home, 'npm/node_modules'))
  const present = ['igarape', 'raw-wal', 'raw-lmdb', 'raw-echo']
  const installed = process.env.PEERS_HOME
  for (const name of installed ? ['ministack'] : []) {
    if (!existsSync(join(String(installed), name))) continue
    symlinkSync(resolve(String(installed), name), join(home, name))
    present.push(name)
  }
  return present
}

function run(place: string, options: string[], folder: string): Promise<void> {
  const settings = ['--home', join(folder, 'home'), '--rounds', rounds, '--secs', secondsARow, '--port', port]
  const child = spawn(process.execPath, ['run.mjs', 'compare', ...settings, ...options], {
    cwd: place,
    env: { ...process.env, BENCH_TMP: join(folder, 'data') },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return new Promise((done, fail) => {
    child.once('exit', (code) => (code === 0 ? done() : fail(new Error(`the peers bench ended with ${code}`))))
  })
}

function readRows(path: string): Row[] {
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row)
}

function isFailure({ row, errors, first_error }: Row): boolean {
  return row === '(failed)' || (Number(errors) > 0 && first_error !== undefined)
}

/** One figure for each row that a goal is about: the median of the rounds, beside that of its reference. */
function figuresOf(goal: Goal, measured: readonly Row[]): Figure[] {
  const value = median(measured, 'igarape', goal)
  if (value === undefined) return []
  const reference = goal.reference && median(measured, goal.reference.peer, referenceOf(goal))
  const { what, unit, goal: text } = goal
  const beside = reference === undefined ? {} : { reference: { what: String(goal.reference?.peer), value: reference } }
  // A share of a peer that is not installed is no goal of this run.
  const isShareOfNobody = text?.endsWith('x') && reference === undefined
  return [{ what, value, unit, ...beside, ...(text && !isShareOfNobody && { goal: text }) }]
}

/** The row of the same name, or another one that the goal names wholly. */
function referenceOf(goal: Goal): Goal {
  if (!goal.reference?.row) return goal
  const { rules: _, ...others } = goal
  return { ...others, ...goal.reference }
}

function median(measured: readonly Row[], peer: string, { row, conns, rules, field }: Goal): number | undefined {
  const values = measured
    .filter((each) => each.peer === peer && each.row === row)
    .filter((each) => (conns === undefined || each.conns === conns) && (rules === undefined || each.rules === rules))
    .map((each) => each[field])
    .filter((each): each is number => typeof each === 'number')
  return values.length > 0 ? percentile(values, 0.5) : undefined
}
