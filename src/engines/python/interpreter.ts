/** Finds a Python on this machine that environments can be made from. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { UserError } from '../../userError.ts'

export interface PythonInterpreter {
  path: string
  /** `3.12` */
  version: string
}

/** The releases that the lock has wheels for, best first. */
export const pythonReleases = ['3.12', '3.13', '3.11', '3.10'] as const
const candidates = ['python3', ...pythonReleases.map((release) => `python${release}`), 'python']

/** `wanted` is a path or a name; empty looks for one. Errors: UserError when there is none of a release we have wheels for. */
export async function findPython(
  wanted: string,
  hostEnvironment: Readonly<Record<string, string>>,
): Promise<PythonInterpreter> {
  const seen: string[] = []
  for (const name of wanted ? [wanted] : candidates) {
    const found = await ask(name, hostEnvironment)
    if (found && (pythonReleases as readonly string[]).includes(found.version)) return found
    if (found) seen.push(`${name} is ${found.version}`)
  }
  throw new UserError(
    `No Python ${pythonReleases.toSorted().join(', ')} was found${seen.length ? ` (${seen.join(', ')})` : ''}.`,
    { fix: 'Install one of them, or name it with --python /path/to/python3.12.' },
  )
}

const question = 'import sys, venv, ensurepip; print(sys.executable, "%d.%d" % sys.version_info[:2], sep="\\n")'

/** Undefined when it is not there, does not run, or cannot make environments. */
async function ask(
  name: string,
  environment: Readonly<Record<string, string>>,
): Promise<PythonInterpreter | undefined> {
  try {
    const { stdout } = await promisify(execFile)(name, ['-c', question], { env: { ...environment }, timeout: 20_000 })
    const [path, version] = stdout.trim().split('\n')
    return path && version ? { path, version } : undefined
  } catch {
    return undefined
  }
}
