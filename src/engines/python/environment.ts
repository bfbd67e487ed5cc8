/**
 * The Python environment of jobs and Python functions: made once from the pinned lock, in the cache folder, under a name
 * that the lock and the Python release determine. `prepare.py` makes it; two servers may ask at once, and one killed
 * half-way is continued by the next.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { singleton } from '../../delivery/singleton.ts'
import { UserError } from '../../userError.ts'
import { packageFolder } from '../functions/packageFolder.ts'
import { findPython, type PythonInterpreter } from './interpreter.ts'

export interface PythonEnvironment {
  folder: string
  /** The environment's own interpreter. */
  python: string
  /** `3.12` */
  version: string
}

export interface PreparationStep {
  step: 'waiting' | 'creating' | 'downloading' | 'installing' | 'ready'
  text: string
  done: number
  total: number
}

export interface EnvironmentPlan {
  /** Where environments are kept. */
  home: string
  /** A path or name of the Python to use; empty looks for one. */
  python: string
  hostEnvironment: Readonly<Record<string, string>>
  /** Which packages: a lock of `runtimes/python`. */
  lock?: string
  onStep?: (step: PreparationStep) => void
}

/** One preparation a server, however many ask. */
export const pythonEnvironment = singleton('python environment', ({ options, log }) => {
  let preparing: Promise<PythonEnvironment> | undefined
  return {
    ready(): Promise<PythonEnvironment> {
      preparing ??= preparePython({
        home: join(options.cache, 'python'),
        python: options.python,
        hostEnvironment: options.hostEnvironment,
        onStep: ({ step, text, done, total }) =>
          log.info(total ? `Python environment: ${step} ${text} (${done}/${total})` : `Python environment: ${text}`),
      })
      preparing.catch(() => {
        preparing = undefined
      })
      return preparing
    },
  }
})

/** Errors: UserError when there is no Python, or the packages cannot be fetched. */
export async function preparePython(plan: EnvironmentPlan): Promise<PythonEnvironment> {
  const interpreter = await findPython(plan.python, plan.hostEnvironment)
  const folder = join(plan.home, environmentName(interpreter.version, plan.lock))
  const environment = { folder, python: join(folder, 'bin/python'), version: interpreter.version }
  // The mark is the last thing that is written; the interpreter is looked at in case its base is gone.
  if (existsSync(join(folder, 'ready.json')) && existsSync(environment.python)) return environment
  await prepare(plan, interpreter, folder)
  return environment
}

/** The same for everyone who has this lock and this release. */
export function environmentName(version: string, lock?: string): string {
  const hash = createHash('sha256')
    .update(readFileSync(lockFile(lock)))
    .digest('hex')
    .slice(0, 16)
  return `${hash}-py${version}`
}

function lockFile(name = 'requirements.lock'): string {
  return join(packageFolder(), 'runtimes/python', name)
}

async function prepare(plan: EnvironmentPlan, interpreter: PythonInterpreter, folder: string): Promise<void> {
  const script = join(packageFolder(), 'runtimes/python/prepare.py')
  const child = spawn(interpreter.path, [script, folder, lockFile(plan.lock)], {
    env: { ...plan.hostEnvironment, ...pipSettings(plan.hostEnvironment) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-4000)
  })
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
  for await (const line of createInterface({ input: child.stdout })) {
    plan.onStep?.(JSON.parse(line) as PreparationStep)
  }
  if ((await ended) !== 0) {
    throw new UserError(`The Python environment could not be made in ${folder}: ${errors.trim()}`, {
      fix: 'Check the network (packages come from PyPI, or from the index that pip is set to) and start again: what was fetched is kept.',
    })
  }
}

/** A user's pip settings (index, certificates) lie in files that pip finds by HOME. */
function pipSettings(environment: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => name.startsWith('PIP_')))
}
