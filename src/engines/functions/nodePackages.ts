/**
 * The AWS SDK for JavaScript that Lambda's Node.js runtimes carry: pinned versions in a folder of their own, installed
 * by npm when a function first needs them. In a checkout, whose node_modules has the same clients, those are used.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Options } from '../../options.ts'
import { packageFolder } from './packageFolder.ts'

export interface NodePackagesOptions {
  /** Holds package.json with the pinned versions, and its lock file. */
  manifestFolder: string
  /** Where installations are kept, by hash of the manifest. */
  installFolder: string
  /** A node_modules folder that already has them. */
  checkoutFolder?: string
  /** What npm gets of this process's environment. */
  hostEnvironment: Readonly<Record<string, string>>
  announce: (message: string) => void
}

/** Those of this machine, in its cache. */
export function nodePackagesOf(
  { cache, hostEnvironment }: Pick<Options, 'cache' | 'hostEnvironment'>,
  announce: (message: string) => void,
): NodePackages {
  const root = packageFolder()
  return new NodePackages({
    manifestFolder: path.join(root, 'runtimes/lambda-node/packages'),
    installFolder: path.join(cache, 'node'),
    checkoutFolder: path.join(root, 'node_modules'),
    hostEnvironment,
    announce,
  })
}

export class NodePackages {
  readonly #options: NodePackagesOptions
  #installing: Promise<string> | undefined
  #installed: string | undefined

  constructor(options: NodePackagesOptions) {
    this.#options = options
    const { checkoutFolder } = options
    if (checkoutFolder && existsSync(path.join(checkoutFolder, '@aws-sdk/client-s3'))) this.#installed = checkoutFolder
  }

  installedFolder(): string | undefined {
    return this.#installed
  }

  /** The node_modules folder; the first caller installs it, the others wait. */
  async folder(): Promise<string> {
    if (this.#installed) return this.#installed
    this.#installing ??= this.#install()
    try {
      this.#installed = await this.#installing
      return this.#installed
    } finally {
      this.#installing = undefined
    }
  }

  async #install(): Promise<string> {
    const { manifestFolder, installFolder, announce } = this.#options
    const manifest = await readFile(path.join(manifestFolder, 'package.json'), 'utf8')
    const target = path.join(installFolder, createHash('sha256').update(manifest).digest('hex').slice(0, 16))
    const modules = path.join(target, 'node_modules')
    if (existsSync(modules)) return modules
    announce(`Installing the AWS SDK for JavaScript for functions into ${target} …`)
    const staging = `${target}.${process.pid}`
    await rm(staging, { recursive: true, force: true })
    await mkdir(staging, { recursive: true })
    await writeFile(path.join(staging, 'package.json'), manifest)
    const npmArguments = ['install', '--omit=dev', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
    await promisify(execFile)('npm', npmArguments, {
      cwd: staging,
      env: this.#options.hostEnvironment,
      maxBuffer: 16 * 1024 * 1024,
    })
    // Another server may have been faster; its installation is as good.
    await rename(staging, target).catch(() => rm(staging, { recursive: true, force: true }))
    return modules
  }
}

const importOfPackages = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*["'](?:@aws-sdk|@smithy)\//
const sourceFile = /\.(?:js|mjs|cjs)$/

/** Whether the code imports the SDK without bringing it. */
export async function usesNodePackages(codeFolder: string): Promise<boolean> {
  if (existsSync(path.join(codeFolder, 'node_modules/@aws-sdk'))) return false
  for (const entry of await readdir(codeFolder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !sourceFile.test(entry.name)) continue
    const file = path.join(entry.parentPath, entry.name)
    if (file.slice(codeFolder.length).includes('/node_modules/')) continue
    if (importOfPackages.test(await readFile(file, 'latin1'))) return true
  }
  return false
}

/**
 * ES modules know no NODE_PATH: they look for packages in the folders above them. A link there, beside the unpacked
 * code, makes `import '@aws-sdk/…'` find these packages, after the function's own.
 */
export async function linkNodePackages(folder: string, modules: string): Promise<void> {
  const link = path.join(folder, 'node_modules')
  if ((await readlink(link).catch(() => undefined)) === modules) return
  const fresh = await mkdtemp(path.join(folder, '.link-'))
  await symlink(modules, path.join(fresh, 'node_modules'))
  await rename(path.join(fresh, 'node_modules'), link)
  await rm(fresh, { recursive: true })
}
