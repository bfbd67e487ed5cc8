/**
 * Init scripts as LocalStack's users know them: what lies in `boot.d`, `start.d`, `ready.d` and `shutdown.d` of a folder is
 * run when the server comes to that stage, and `/_localstack/init` tells how it went. The rules are those of its page
 * "Initialization Hooks": by name, a folder's own scripts before those of its subfolders; one that fails stops nothing.
 */
import { spawn } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs'
import { delimiter, join, relative } from 'node:path'
import { createInterface } from 'node:readline'
import { stopwatch } from '../clock.ts'
import { singleton } from '../delivery/singleton.ts'
import { packageFolder } from '../engines/functions/packageFolder.ts'
import { type PreparationStep, preparePython } from '../engines/python/environment.ts'
import type { ServerLog } from '../observe/log.ts'
import type { Options } from '../options.ts'
import { UserError } from '../userError.ts'

export const initStages = ['BOOT', 'START', 'READY', 'SHUTDOWN'] as const
export type InitStage = (typeof initStages)[number]

export interface InitScript {
  stage: InitStage
  /** Its path below the stage's folder. */
  name: string
  state: 'UNKNOWN' | 'RUNNING' | 'SUCCESSFUL' | 'ERROR'
}

/** What a script that is asked to end may take for it. */
const farewellMillis = 5_000

export class InitScripts {
  readonly scripts: readonly InitScript[]
  readonly #options: Options
  readonly #log: ServerLog
  readonly #completed = new Set<InitStage>()
  #stage: Promise<void> = Promise.resolve()
  #running: { pid: number; ended: Promise<unknown> } | undefined
  #isEnding = false

  constructor(options: Options, log: ServerLog) {
    this.#options = options
    this.#log = log
    this.scripts = initStages.flatMap((stage) =>
      namesBelow(this.#folderOf(stage)).map((name): InitScript => ({ stage, name, state: 'UNKNOWN' })),
    )
  }

  isCompleted(stage: InitStage): boolean {
    return this.#completed.has(stage)
  }

  /** Runs a stage's scripts one after the other. `endpoint` is undefined where the port is not known yet. Never throws. */
  run(stage: InitStage, endpoint: string | undefined): Promise<void> {
    this.#stage = this.#runAll(stage, endpoint)
    return this.#stage
  }

  /** Ends the script that runs; the rest of its stage is left out. */
  async endStage(): Promise<void> {
    this.#isEnding = true
    if (this.#running) {
      const { pid, ended } = this.#running
      process.kill(-pid, 'SIGTERM')
      await Promise.race([ended, stopwatch.pause(farewellMillis)])
      if (this.#running?.pid === pid) process.kill(-pid, 'SIGKILL')
    }
    await this.#stage
    this.#isEnding = false
  }

  async #runAll(stage: InitStage, endpoint: string | undefined): Promise<void> {
    for (const script of this.scripts) {
      if (this.#isEnding) return
      if (script.stage === stage) await this.#runScript(script, endpoint)
    }
    this.#completed.add(stage)
  }

  async #runScript(script: InitScript, endpoint: string | undefined): Promise<void> {
    const path = join(this.#folderOf(script.stage), script.name)
    script.state = 'RUNNING'
    try {
      await this.#process(script, path, endpoint)
      script.state = 'SUCCESSFUL'
    } catch (error) {
      script.state = 'ERROR'
      const { message, fix } = error as Error & { fix?: string }
      this.#log.warn(`Init script ${path} failed: ${message}${fix ? ` ${fix}` : ''}`)
    }
  }

  async #process(script: InitScript, path: string, endpoint: string | undefined): Promise<void> {
    const command = script.name.endsWith('.py') ? [await this.#python(), path] : [mustBeExecutable(path)]
    const child = spawn(command[0] as string, command.slice(1), {
      env: this.#environment(endpoint),
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: what a script started ends with it.
      detached: true,
    })
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (line) => this.#log.info(`${script.name}: ${line}`))
    const ended = new Promise<string>((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) => reject(inWords(error)))
      child.once('close', (code, signal) => resolve(code === null ? `it was ended by ${signal}` : `exit code ${code}`))
    })
    this.#running = child.pid ? { pid: child.pid, ended: ended.catch(() => undefined) } : undefined
    try {
      const how = await ended
      if (how !== 'exit code 0') throw new Error(how)
    } finally {
      this.#running = undefined
    }
  }

  /** What the server was started with, and how it is reached; credentials for AWS itself stay out. */
  #environment(endpoint: string | undefined): Record<string, string> {
    const { wholeEnvironment, region, accessKey, secretKey } = this.#options
    const { AWS_PROFILE, AWS_SESSION_TOKEN, ...inherited } = wholeEnvironment
    return {
      ...inherited,
      // Last, so that a program of the machine's own comes first.
      PATH: [inherited.PATH, programsFolder()].filter(Boolean).join(delimiter),
      PYTHONUNBUFFERED: '1',
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: accessKey,
      AWS_SECRET_ACCESS_KEY: secretKey,
      ...(endpoint && { AWS_ENDPOINT_URL: endpoint }),
    }
  }

  /** An interpreter that has boto3, as scripts expect: the environment of jobs, made now if it is not there. */
  async #python(): Promise<string> {
    const { cache, python, hostEnvironment } = this.#options
    const onStep = ({ text }: PreparationStep) => this.#log.info(`Python environment: ${text}`)
    return (await preparePython({ home: join(cache, 'python'), python, hostEnvironment, onStep })).python
  }

  #folderOf(stage: InitStage): string {
    const { init } = this.#options
    const ofStage = (name: InitStage) => join(init, `${name.toLowerCase()}.d`)
    // A folder of the older kind (INIT_SCRIPTS_PATH) has no stages: its scripts ran when the server was ready.
    const isOld = stage === 'READY' && !initStages.some((name) => existsSync(ofStage(name)))
    return isOld ? init : ofStage(stage)
  }
}

/** Absent where a server was given no folder. */
export const initScripts = singleton<InitScripts>('init scripts')

/** `/_localstack/init`, and of one stage `/_localstack/init/ready`; undefined where there is no such stage. */
export function initReport(init: InitScripts | undefined, name?: string): object | undefined {
  // Without scripts, every stage but the last is over once a port is open.
  const isCompleted = (stage: InitStage) => init?.isCompleted(stage) ?? stage !== 'SHUTDOWN'
  const scripts = init?.scripts ?? []
  if (name === undefined) {
    return { completed: Object.fromEntries(initStages.map((stage) => [stage, isCompleted(stage)])), scripts }
  }
  const stage = initStages.find((known) => known === name.toUpperCase())
  return stage && { completed: isCompleted(stage), scripts: scripts.filter((script) => script.stage === stage) }
}

/** Scripts by name, then those of each folder by its name. */
function namesBelow(folder: string): string[] {
  if (!existsSync(folder)) return []
  const found = (within: string): string[] => {
    const entries = readdirSync(within).sort()
    const paths = entries.map((name) => join(within, name)).filter((path) => existsSync(path))
    const scripts = paths.filter((path) => /\.(sh|py)$/.test(path) && statSync(path).isFile())
    return [...scripts, ...paths.filter((path) => statSync(path).isDirectory()).flatMap(found)]
  }
  return found(folder).map((path) => relative(folder, path))
}

/** `awslocal`, for machines that have only `aws`. */
function programsFolder(): string {
  return join(packageFolder(), 'runtimes/init')
}

function mustBeExecutable(path: string): string {
  try {
    accessSync(path, constants.X_OK)
    return path
  } catch {
    throw new UserError('it is not executable.', { fix: `chmod +x ${path}` })
  }
}

function inWords(error: NodeJS.ErrnoException): Error {
  if (error.code === 'ENOEXEC') return new Error('it does not say what runs it: begin it with #!/bin/sh or the like.')
  if (error.code === 'ENOENT') return new Error('the program that its first line names is not there.')
  return error
}
