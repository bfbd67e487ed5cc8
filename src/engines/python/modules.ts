/**
 * Python packages that jobs bring along: installed by pip into folders of the cache, one for each list of them, and kept.
 * A folder is made aside and renamed when it is whole, so that a killed installation leaves nothing that counts.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

export interface ModulesPlan {
  python: string
  /** Where installed lists are kept. */
  home: string
  /** As pip takes them: `name==1.0`, or the path of a wheel. */
  modules: readonly string[]
  /** Options of pip, each a word. */
  options: readonly string[]
  hostEnvironment: Readonly<Record<string, string>>
}

export class ModulesError extends Error {}

const outputCharactersMax = 1_500

/** The folder to put on the path. Errors: ModulesError with what pip said. */
export async function installModules(plan: ModulesPlan): Promise<string> {
  const folder = join(plan.home, await nameOf(plan))
  if (existsSync(folder)) return folder
  await mkdir(plan.home, { recursive: true })
  const partial = `${folder}.${process.pid}.${Math.trunc(performance.now() * 1000)}`
  try {
    await pip(plan, partial)
    await rename(partial, folder).catch((error) => {
      // Another run installed the same list meanwhile.
      if (!existsSync(folder)) throw error
    })
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
  return folder
}

/** By what is installed: a wheel by its bytes, since another may come under its name. */
async function nameOf({ python, modules, options }: ModulesPlan): Promise<string> {
  const hash = createHash('sha256').update(python)
  for (const word of [...options, ...modules]) {
    hash.update(`\0${word.startsWith('/') ? '' : word}`)
    if (word.startsWith('/')) hash.update(await readFile(word))
  }
  return hash.digest('hex').slice(0, 24)
}

function pip({ python, modules, options, hostEnvironment }: ModulesPlan, target: string): Promise<void> {
  const words = ['-m', 'pip', 'install', '--target', target, '--no-input', '--disable-pip-version-check']
  return new Promise((resolve, reject) => {
    const child = spawn(python, [...words, ...options, ...modules], {
      env: { ...hostEnvironment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    const listen = (text: Buffer) => {
      said = (said + text.toString()).slice(-outputCharactersMax)
    }
    child.stdout.on('data', listen)
    child.stderr.on('data', listen)
    child.once('error', (error) => reject(new ModulesError(error.message)))
    child.once('close', (code) => (code === 0 ? resolve() : reject(new ModulesError(said.trim()))))
  })
}
