/** A standalone cluster of Apache Spark on this machine: a master and two workers, each a process of its own, from the installation's jars. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { findSpark } from '../../src/engines/jobs/sparkInstallation.ts'

export const installed = findSpark(join(homedir(), '.igarape'))

/** A process of Spark's whose log is waited on, never timed. */
export class SparkProcess {
  readonly #child: ChildProcess
  readonly #lines: string[] = []
  readonly #waiting: { pattern: RegExp; found: (match: RegExpExecArray) => void; lost: (error: Error) => void }[] = []

  constructor(child: ChildProcess) {
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.#take(line))
    }
    child.once('exit', () => {
      for (const { lost, pattern } of this.#waiting)
        lost(new Error(`${pattern} was not said: ${this.#lines.join('\n')}`))
    })
  }

  /** The first line of its log that matches, said already or to come. */
  says(pattern: RegExp): Promise<RegExpExecArray> {
    const said = this.#lines.map((line) => pattern.exec(line)).find(Boolean)
    if (said) return Promise.resolve(said)
    return new Promise((found, lost) => this.#waiting.push({ pattern, found, lost }))
  }

  async end(): Promise<void> {
    const gone = new Promise((done) => this.#child.once('exit', done))
    if (this.#child.exitCode !== null || !this.#child.kill('SIGKILL')) return
    await gone
  }

  #take(line: string): void {
    this.#lines.push(line)
    for (const waiting of this.#waiting.splice(0)) {
      const match = waiting.pattern.exec(line)
      if (match) waiting.found(match)
      else this.#waiting.push(waiting)
    }
  }
}

export interface StandaloneCluster {
  address: string
  master: SparkProcess
  end(): Promise<void>
}

export async function standaloneCluster(): Promise<StandaloneCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'igarape-cluster-'))
  const place = ['--host', '127.0.0.1', '--port', '0', '--webui-port', '0']
  const master = started('spark-class', ['org.apache.spark.deploy.master.Master', ...place])
  const [, address = ''] = await master.says(/Starting Spark master at (spark:\S+)/)
  const workers = ['one', 'two'].map((name) => {
    const own = [...place, '--cores', '1', '--memory', '1g', '--work-dir', join(folder, name)]
    return started('spark-class', ['org.apache.spark.deploy.worker.Worker', ...own, address])
  })
  await Promise.all(workers.map((worker) => worker.says(/Successfully registered with master/)))
  return {
    address,
    master,
    async end() {
      await Promise.all([...workers, master].map((process) => process.end()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Where PySpark lies in the installation: its jars and its scripts. */
export function sparkHome(): string {
  const library = join(dirname(installed?.python ?? ''), '../lib')
  const [release = ''] = readdirSync(library).filter((name) => name.startsWith('python'))
  return join(library, release, 'site-packages/pyspark')
}

/** One of Spark's own programs: `spark-class`, `spark-submit`. */
export function started(
  program: string,
  own: readonly string[],
  environment: Record<string, string> = {},
): SparkProcess {
  const home = sparkHome()
  const child = spawn(join(home, 'bin', program), own, {
    // A Connect server keeps modules in a folder below its own.
    cwd: tmpdir(),
    env: {
      PATH: process.env.PATH ?? '',
      HOME: homedir(),
      SPARK_HOME: home,
      SPARK_LOCAL_IP: '127.0.0.1',
      SPARK_DAEMON_MEMORY: '512m',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return new SparkProcess(child)
}
