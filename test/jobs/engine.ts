/** A pool of interpreters and a lake of folders, for tests of the engine alone: `buckets/NAME/key`. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { test as base } from 'vitest'
import { packageFolder } from '../../src/engines/functions/packageFolder.ts'
import type { LakeAccess, RunHost } from '../../src/engines/jobs/host.ts'
import { JobPool } from '../../src/engines/jobs/pool.ts'
import { Run, type RunEnd, type RunPlan } from '../../src/engines/jobs/run.ts'
import { findSpark, type SparkInstallation } from '../../src/engines/jobs/sparkInstallation.ts'
import { preparePython } from '../../src/engines/python/environment.ts'

const hostEnvironment = { PATH: process.env.PATH ?? '', HOME: homedir() }

/** Where scripts run that say nothing of it: a file of tests may change it for all of its own. */
export const scripts: { kind: RunPlan['kind'] } = { kind: 'spark' }

/** Apache Spark writes to S3 by itself, and there is no server behind these tests: their scripts that write are not tried on it. */
export const writesElsewhere = () => scripts.kind !== 'spark'

export interface ScriptResult {
  end: RunEnd
  output: string
  errors: string
  pid: number
}

export interface StartedScript {
  run: Run
  /** The process, once it was given the script. */
  pid: Promise<number>
  /** The first that it prints. */
  printed: Promise<string>
  result: Promise<ScriptResult>
}

export interface JobEngine {
  pool: JobPool
  folder: string
  put(bucket: string, key: string, body: string | Buffer): void
  keys(bucket: string): string[]
  read(bucket: string, key: string): string
  bytes(bucket: string, key: string): Buffer
  start(script: string, plan?: Partial<RunPlan>, host?: Partial<RunHost>): StartedScript
  run(script: string, plan?: Partial<RunPlan>, host?: Partial<RunHost>): Promise<ScriptResult>
}

export const test = base.extend<{ jobs: JobEngine; shared: { pool: JobPool; folder: string } }>({
  shared: [
    // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the names of what a fixture needs
    async ({}, use) => {
      const folder = mkdtempSync(join(tmpdir(), 'igarape-jobs-'))
      const pool = new JobPool({
        python: async () =>
          (await preparePython({ home: join(homedir(), '.igarape/python'), python: '', hostEnvironment })).python,
        runtimesFolder: join(packageFolder(), 'runtimes'),
        spark: () => mustFindSpark(),
        folder: join(folder, 'spares'),
        hostEnvironment,
        spares: 1,
        onFailure: (error) => {
          throw error
        },
      })
      await use({ pool, folder })
      await pool.close()
      rmSync(folder, { recursive: true, force: true })
    },
    { scope: 'file' },
  ],
  jobs: async ({ shared }, use) => {
    rmSync(join(shared.folder, 'buckets'), { recursive: true, force: true })
    mkdirSync(join(shared.folder, 'buckets/lago'), { recursive: true })
    await use(engine(shared.pool, shared.folder))
  },
})

function mustFindSpark(): SparkInstallation {
  const installed = findSpark(join(homedir(), '.igarape'))
  if (!installed) throw new Error('Apache Spark is not installed: run `igarape install spark`.')
  return installed
}

function engine(pool: JobPool, folder: string): JobEngine {
  const pathOf = (bucket: string, key: string) => join(folder, 'buckets', bucket, key)
  const start: JobEngine['start'] = (script, plan = {}, host = {}) => {
    const runFolder = mkdtempSync(join(folder, 'run-'))
    const scriptPath = join(runFolder, 'script.py')
    writeFileSync(scriptPath, script)
    const text = { output: '', error: '' }
    let pid = 0
    let began: (pid: number) => void = () => undefined
    let printed: (text: string) => void = () => undefined
    const beginning = new Promise<number>((resolve) => {
      began = resolve
    })
    const printing = new Promise<string>((resolve) => {
      printed = resolve
    })
    const run = new Run(
      pool,
      {
        kind: scripts.kind,
        spark: { master: 'local[2]', threads: 2 },
        folder: runFolder,
        scriptPath,
        arguments: ['--JOB_NAME', 'test'],
        environment: {},
        glueVersion: '5.0',
        pythonPaths: [],
        timeoutSeconds: scripts.kind === 'apache' ? 500 : 60,
        memoryBytesMax: 4 * 2 ** 30,
        ...plan,
      },
      {
        lake: folderLake(join(folder, 'buckets'), folder),
        glue: async (operation) => Promise.reject(new Error(operation)),
        ...host,
      },
      {
        started: (identity) => {
          pid = identity.pid
          began(pid)
        },
        output: (stream, more) => {
          text[stream] += more
          if (stream === 'output') printed(more)
          return undefined
        },
      },
    )
    const result = run.end.then((end) => ({ end, output: text.output, errors: text.error, pid }))
    return { run, pid: beginning, printed: printing, result }
  }
  return {
    pool,
    folder,
    put(bucket, key, body) {
      mkdirSync(dirname(pathOf(bucket, key)), { recursive: true })
      writeFileSync(pathOf(bucket, key), body)
    },
    keys: (bucket) => filesBelow(pathOf(bucket, '')),
    read: (bucket, key) => readFileSync(pathOf(bucket, key), 'utf8'),
    bytes: (bucket, key) => readFileSync(pathOf(bucket, key)),
    start,
    run: (script, plan, host) => start(script, plan, host).result,
  }
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort()
}

/** Objects as plain files; the real lake is the s3 service's. */
function folderLake(buckets: string, folder: string): LakeAccess {
  const mustHave = (bucket: string) => {
    if (!readdirSync(buckets).includes(bucket))
      throw Object.assign(new Error('The specified bucket does not exist'), { name: 'NoSuchBucket' })
  }
  return {
    async list(bucket, prefix) {
      mustHave(bucket)
      const keys = filesBelow(join(buckets, bucket)).filter((key) => key.startsWith(prefix))
      return { files: keys.map((key) => ({ key, ...sizeOf(join(buckets, bucket, key)) })) }
    },
    async open(bucket, keys) {
      const target = mkdtempSync(join(folder, 'open-'))
      return {
        files: keys.map((key, index) => {
          const path = join(target, String(index))
          cpSync(join(buckets, bucket, key), path)
          return { key, path }
        }),
      }
    },
    async commit(bucket, puts, deletes) {
      for (const key of deletes) rmSync(join(buckets, bucket, key), { force: true })
      for (const { key, path } of puts) {
        const target = join(buckets, bucket, key)
        mkdirSync(dirname(target), { recursive: true })
        renameSync(path, target)
      }
    },
  }
}

function sizeOf(path: string): { bytes: number; modifiedAt: number } {
  const { size, mtimeMs } = statSync(path)
  return { bytes: size, modifiedAt: mtimeMs }
}
