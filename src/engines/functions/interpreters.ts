/** Which interpreter runs a runtime name: the machine's own, whatever version that is, unless runtimes are strict. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

export type Language = 'nodejs' | 'python'

export interface RuntimeName {
  name: string
  language: Language
  /** `20` of nodejs20.x, `3.12` of python3.12. */
  version: string
}

export interface Interpreter {
  path: string
  version: string
  /** Whether it is the version that the runtime name asks for. */
  exact: boolean
}

export class UnsupportedRuntime extends Error {}

const runtimeForm = /^(nodejs|python)(\d+(?:\.\d+)?)?(?:\.x|-edge)?$/

/** Undefined for the families that are not run here: java, dotnet, go, ruby, provided. */
export function runtimeNamed(name: string): RuntimeName | undefined {
  const match = runtimeForm.exec(name)
  if (!match) return undefined
  return { name, language: match[1] as Language, version: match[2] ?? '' }
}

export interface InterpreterSources {
  node: string
  /** For this code; without any, the one that is quickest to have. */
  python: (codeFolder?: string) => Promise<string>
  strict: boolean
}

export class Interpreters {
  readonly #sources: InterpreterSources
  readonly #versions = new Map<string, Promise<string>>()

  constructor(sources: InterpreterSources) {
    this.#sources = sources
  }

  async find(runtime: RuntimeName, codeFolder?: string): Promise<Interpreter> {
    const path = runtime.language === 'nodejs' ? this.#sources.node : await this.#sources.python(codeFolder)
    const version = await this.#version(path)
    const exact = version === runtime.version || version.startsWith(`${runtime.version}.`)
    if (!exact && this.#sources.strict) {
      throw new UnsupportedRuntime(
        `The runtime ${runtime.name} is not on this machine, which has ${runtime.language} ${version}. ` +
          'Install that version, or start without --strict-runtimes to run it on the nearest one.',
      )
    }
    return { path, version, exact }
  }

  #version(path: string): Promise<string> {
    let version = this.#versions.get(path)
    if (!version) {
      version = versionOf(path)
      version.catch(() => this.#versions.delete(path))
      this.#versions.set(path, version)
    }
    return version
  }
}

async function versionOf(path: string): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(path, ['--version'])
  const match = /\d+(\.\d+)+/.exec(stdout || stderr)
  if (!match) throw new UnsupportedRuntime(`${path} does not say which version it is.`)
  return match[0]
}
