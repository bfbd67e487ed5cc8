/** Athena's users' Python packages in versions of their own: one environment for all, made once a machine. */
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const packages = [
  'awswrangler==3.17.1',
  'PyAthena[pandas,arrow,sqlalchemy]==3.40.0',
  'boto3==1.44.8',
  // The newer dbt fetches a part of itself from elsewhere than PyPI.
  'dbt-core==1.11.16',
  'dbt-athena==1.10.2',
]
const installMillis = 600_000

/** The folder of the programs, or undefined where they cannot be had: then it says so. */
export function pythonClients(): string | undefined {
  const folder = join(tmpdir(), `igarape-test-clients-${packages.join('-').replaceAll(/[^\w.-]/g, '')}`)
  const programs = join(folder, 'bin')
  if (existsSync(join(folder, 'ready'))) return programs
  try {
    execFileSync('python3', ['-m', 'venv', '--clear', folder], { stdio: 'ignore' })
    const given = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages]
    execFileSync(join(programs, 'python'), given, { stdio: ['ignore', 'ignore', 'pipe'], timeout: installMillis })
    writeFileSync(join(folder, 'ready'), '')
    return programs
  } catch (error) {
    console.warn(`SKIPPED: ${packages.join(', ')} could not be installed: ${error}`)
    return undefined
  }
}

/** What a client finds its endpoint and its keys by: nothing but the environment. */
export function environmentFor(endpoint: string): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env
  return {
    PATH,
    HOME,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_DEFAULT_REGION: 'us-east-1',
    DBT_SEND_ANONYMOUS_USAGE_STATS: 'false',
  }
}

/** What each step of a script of this folder answered, by its name; a step that failed gives its error as text. */
export async function answersOf(programs: string, script: string, endpoint: string): Promise<Record<string, unknown>> {
  const { stdout } = await promisify(execFile)(
    join(programs, 'python'),
    ['-W', 'ignore', join(import.meta.dirname, script)],
    { env: environmentFor(endpoint), maxBuffer: 2 ** 26 },
  )
  const last = stdout.trimEnd().split('\n').at(-1) ?? '{}'
  return JSON.parse(last) as Record<string, unknown>
}
