/** `igarape doctor`: what this machine has, what it lacks, and how to get it. Needs no running server. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { version } from '../control/version.ts'
import { environmentName } from '../engines/python/environment.ts'
import { findPython } from '../engines/python/interpreter.ts'
import type { Options } from '../options.ts'
import { UserError } from '../userError.ts'
import type { Command } from './command.ts'
import { readFlags } from './optionFlags.ts'
import { bytes, padEnd, paint } from './terminal.ts'

/** `lacking` stops something that the demo needs; `optional` only something that one may do without. */
export interface Finding {
  what: string
  verdict: 'good' | 'optional' | 'lacking'
  found: string
  fix?: string
}

const diskBytesWanted = 2 * 1000 ** 3

export const doctor: Command = {
  usage: `igarape doctor [--port N --data FOLDER]: what this machine has and lacks, and how to get it
  --json           the findings as JSON`,

  async run(given) {
    const { options, own } = readFlags(given, { json: 'boolean' })
    const findings = await examine(options)
    if (own.json) console.log(JSON.stringify(findings, null, 2))
    else console.log(`${paint.bold('Igarapé')} ${version}\n${findings.map(drawFinding).join('\n')}`)
    return findings.some(({ verdict }) => verdict === 'lacking') ? 1 : 0
  },
}

export async function examine(options: Options): Promise<Finding[]> {
  return [
    node(process.versions.node),
    await python(options),
    await java(options),
    await port(options),
    await disk('Data folder', options.data),
    await disk('Runtimes folder', options.cache),
    { what: 'Memory', verdict: totalmem() > 2 * 1000 ** 3 ? 'good' : 'optional', found: bytes(totalmem()) },
  ]
}

export function node(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isEnough = major > 20 || (major === 20 && minor >= 19)
  return isEnough
    ? { what: 'Node.js', verdict: 'good', found: version }
    : { what: 'Node.js', verdict: 'lacking', found: version, fix: 'Install Node.js 20.19 or later (nodejs.org).' }
}

async function python({ python: wanted, hostEnvironment, cache }: Options): Promise<Finding> {
  try {
    const { path, version: found } = await findPython(wanted, hostEnvironment)
    const isMade = existsSync(join(cache, 'python', environmentName(found), 'ready.json'))
    const state = isMade
      ? 'environment ready'
      : 'environment not made yet: `igarape install` makes it, or the first job'
    return { what: 'Python', verdict: 'good', found: `${found} at ${path}, ${state}` }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    const fix = `Glue jobs and Python functions need it. ${error.fix} On Debian it comes with \`apt install python3-venv\`.`
    return { what: 'Python', verdict: 'lacking', found: error.message, fix }
  }
}

async function java(options: Options): Promise<Finding> {
  const said = await says(options, 'java', ['-version'])
  const version = /version "([^"]+)"/.exec(said ?? '')?.[1]
  return {
    what: 'Java',
    verdict: version ? 'good' : 'optional',
    found: version ?? 'not found',
    ...(!version && { fix: 'Nothing here needs it. Jobs that use .rdd or _jvm need Java 17 and Apache Spark.' }),
  }
}

function port({ host, port: wanted }: Options): Promise<Finding> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) =>
      resolve({
        what: `Port ${wanted}`,
        verdict: 'optional',
        found: error.code === 'EADDRINUSE' ? 'in use (by Igarapé itself, perhaps)' : String(error.code),
        fix: 'Stop the other server, or start with --port 0.',
      }),
    )
    probe.listen(wanted, host, () =>
      probe.close(() => resolve({ what: `Port ${wanted}`, verdict: 'good', found: 'free' })),
    )
  })
}

async function disk(what: string, folder: string): Promise<Finding> {
  let existing = folder
  while (!existsSync(existing)) existing = dirname(existing)
  const { bavail, bsize } = await statfs(existing)
  const free = bavail * bsize
  return {
    what,
    verdict: free >= diskBytesWanted ? 'good' : 'lacking',
    found: `${folder}, ${bytes(free)} free`,
    ...(free < diskBytesWanted && { fix: 'Free some space, or choose another place with --data and --cache.' }),
  }
}

/** What a program prints, or undefined where there is none. */
async function says({ hostEnvironment }: Options, program: string, given: string[]): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await promisify(execFile)(program, given, { env: hostEnvironment, timeout: 10_000 })
    return (stdout || stderr).trim()
  } catch {
    return undefined
  }
}

function drawFinding({ what, verdict, found, fix }: Finding): string {
  const marks = { good: paint.green('✔'), optional: paint.yellow('•'), lacking: paint.red('✘') }
  const line = `${marks[verdict]} ${padEnd(what, 16)} ${found}`
  return fix ? `${line}\n  ${padEnd('', 16)} ${fix}` : line
}
