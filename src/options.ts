/**
 * Every setting: its name on the command line, its environment names, its default, its meaning.
 * The only reader of the environment.
 */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

interface Setting<T> {
  /** The environment names that set it, ours first, then those that other tools already use. */
  env: readonly string[]
  fallback: T
  meaning: string
}

const text = (fallback: string, meaning: string, ...env: string[]): Setting<string> => ({ env, fallback, meaning })
const number = (fallback: number, meaning: string, ...env: string[]): Setting<number> => ({ env, fallback, meaning })
const flag = (fallback: boolean, meaning: string, ...env: string[]): Setting<boolean> => ({ env, fallback, meaning })

export const settings = {
  port: number(4566, 'The port to listen on; 0 takes a free one.', 'IGARAPE_PORT', 'GATEWAY_PORT', 'EDGE_PORT'),
  host: text('127.0.0.1', 'The address to listen on. Another than loopback demands signatures.', 'IGARAPE_HOST'),
  data: text('.igarape/data', 'The folder that holds everything that is kept.', 'IGARAPE_DATA'),
  cache: text(join(homedir(), '.igarape'), 'The folder for runtimes that are installed on demand.', 'IGARAPE_CACHE'),
  init: text(
    '',
    'A folder of scripts in boot.d, start.d, ready.d, shutdown.d; `igarape start` takes /etc/localstack/init if it is there.',
    'IGARAPE_INIT',
    'INIT_SCRIPTS_PATH',
  ),
  inMemory: flag(false, 'Keep nothing: a fresh folder, unsynced, deleted at the end.', 'IGARAPE_IN_MEMORY'),
  clock: text('system', 'AWS time: `system`, or `virtual`, moved by `igarape clock`.', 'IGARAPE_CLOCK'),
  auth: text('', '`sigv4` verifies signatures, `off` does not. Off on loopback, else demanded.', 'IGARAPE_AUTH'),
  allowedOrigins: text(
    '',
    "Origins of web pages, besides this machine's own, that may call AWS's operations: a list with commas, or *.",
    'IGARAPE_ALLOWED_ORIGINS',
    'EXTRA_CORS_ALLOWED_ORIGINS',
  ),
  accessKey: text('test', 'The root access key that `--auth sigv4` knows.', 'IGARAPE_ACCESS_KEY'),
  secretKey: text('test', 'Its secret.', 'IGARAPE_SECRET_KEY'),
  account: text('000000000000', 'The account of callers whose access key is not an account number.', 'IGARAPE_ACCOUNT'),
  region: text('us-east-1', 'The region of unsigned requests.', 'IGARAPE_REGION', 'AWS_DEFAULT_REGION'),
  policies: text(
    'declared',
    'Resource policies on deliveries: `declared` (those that exist), `enforce` (none refuses), `permissive`.',
    'IGARAPE_POLICIES',
  ),
  deletedQueueSeconds: number(
    0,
    'How long the name of a deleted queue rests before it may be taken again; on AWS 60.',
    'IGARAPE_DELETED_QUEUE_SECONDS',
  ),
  strictRuntimes: flag(
    false,
    'Refuse a Lambda runtime whose interpreter is not on this machine.',
    'IGARAPE_STRICT_RUNTIMES',
  ),
  python: text('', 'The Python (3.10 or later) to make environments from; empty looks for one.', 'IGARAPE_PYTHON'),
  smtpUrl: text(
    '',
    'An SMTP server (smtp://user:pass@host:port) for e-mails; empty keeps them in the mailbox.',
    'IGARAPE_SMTP_URL',
    'SMTP_HOST',
  ),
  caBundle: text(
    '',
    'A file of certificates (PEM) that web endpoints may be signed by, beside the public authorities.',
    'IGARAPE_CA_BUNDLE',
    'AWS_CA_BUNDLE',
  ),
  bodyBytesMax: number(
    96 * 2 ** 20,
    'The largest request body of an operation that does not stream.',
    'IGARAPE_BODY_BYTES_MAX',
  ),
  headerBytesMax: number(64 * 2 ** 10, 'The largest request head.', 'IGARAPE_HEADER_BYTES_MAX'),
  connectionsMax: number(4096, 'Open connections; more are refused.', 'IGARAPE_CONNECTIONS_MAX'),
  requestSeconds: number(3600, 'How long a request may take to arrive.', 'IGARAPE_REQUEST_SECONDS'),
  headSeconds: number(60, 'How long a request head may take to arrive.', 'IGARAPE_HEAD_SECONDS'),
  functionInstancesMax: number(64, 'Lambda instances at once.', 'IGARAPE_FUNCTION_INSTANCES_MAX'),
  functionIdleSeconds: number(600, 'How long an idle Lambda instance is kept.', 'IGARAPE_FUNCTION_IDLE_SECONDS'),
  jobSpares: number(1, 'Interpreters kept ready for Glue jobs.', 'IGARAPE_JOB_SPARES'),
  jobEngine: text(
    'auto',
    'Where PySpark jobs run: `sail` (embedded), `spark` (Apache Spark, by `igarape install spark`), `auto` by what the script needs.',
    'IGARAPE_JOB_ENGINE',
  ),
  sparkRemote: text(
    '',
    'A Spark cluster for the `spark` engine: a standalone one as spark://HOST:PORT, a Connect server as sc://HOST:PORT.',
    'IGARAPE_SPARK_REMOTE',
  ),
  sparkIdleSeconds: number(
    600,
    'How long a Connect server of Apache Spark is kept when no job runs on it; 0 keeps none.',
    'IGARAPE_SPARK_IDLE_SECONDS',
  ),
  athenaTrino: text(
    '',
    "A Trino coordinator that runs Athena's queries in place of the embedded engine: http://USER:PASSWORD@HOST:PORT/CATALOG.",
    'IGARAPE_ATHENA_TRINO',
  ),
  sqlMemoryMegabytes: number(2048, 'Memory that one SQL engine may take.', 'IGARAPE_SQL_MEMORY_MB'),
  sqlThreads: number(0, 'Threads of one SQL engine; 0 takes one per core.', 'IGARAPE_SQL_THREADS'),
  tracesMax: number(10_000, 'Traces kept; the oldest go first.', 'IGARAPE_TRACES_MAX'),
} as const satisfies Record<string, Setting<unknown>>

type Values = { -readonly [K in keyof typeof settings]: (typeof settings)[K] extends Setting<infer T> ? T : never }
export type Options = Readonly<Values> & {
  /** What a child process gets of this process's environment: where programs and temporary files are. */
  readonly hostEnvironment: Readonly<Record<string, string>>
  /** All that this process was started with: what the user's own init scripts get. */
  readonly wholeEnvironment: Readonly<Record<string, string>>
}

export class BadOption extends Error {}

type Environment = Readonly<Record<string, string | undefined>>

/** Options from the command line (or a test) over the environment over the defaults. Errors: BadOption. */
export function readOptions(given: Partial<Values> = {}, environment: Environment = process.env): Options {
  const values: Record<string, unknown> = {}
  for (const [name, setting] of Object.entries(settings)) {
    const variable = setting.env.find((candidate) => environment[candidate])
    const fromCaller = given[name as keyof Values]
    values[name] =
      fromCaller ?? (variable ? parsed(environment[variable] as string, setting.fallback, variable) : setting.fallback)
  }
  values.data = resolve(values.data as string)
  const passed = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'LD_LIBRARY_PATH', 'JAVA_HOME', 'PYENV_ROOT']
  const hostEnvironment = Object.fromEntries(
    passed.flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])),
  )
  const wholeEnvironment = Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
  return {
    ...(values as Values),
    hostEnvironment: hostEnvironment as Record<string, string>,
    wholeEnvironment,
  }
}

/** A value of the type of `fallback`. */
export function parsed<T>(value: string, fallback: T, source: string): T {
  if (typeof fallback === 'number') {
    if (!/^\d+$/.test(value)) throw new BadOption(`${source} is ${value}; it takes a whole number.`)
    return Number(value) as T
  }
  if (typeof fallback === 'boolean') return (value === '1' || value.toLowerCase() === 'true') as T
  return value as T
}

const loopback = /^(127\.|::1$|localhost$)/

/** Whether requests must be signed: where asked for, and by default where others than this machine can send them. */
export function demandsSignatures({ auth, host }: Pick<Options, 'auth' | 'host'>): boolean {
  return auth === 'sigv4' || (auth === '' && !loopback.test(host))
}
