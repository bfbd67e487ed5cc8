/**
 * Deploys the example with the real CDK command line. What CDK synthesizes is kept under the hash of its sources, since
 * that takes most of the time.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Options } from '../../options.ts'
import { UserError } from '../../userError.ts'

export interface DeploymentPlace {
  /** The repository. */
  root: string
  exampleFolder: string
  endpoint: string
  options: Options
  /** Told the last line that CDK printed. */
  progress: (line: string) => void
}

const sources = ['bin', 'lib', 'functions', 'jobs', 'cdk.json', 'package.json']

/** Errors: UserError with what CDK printed. */
export async function deploy(place: DeploymentPlace): Promise<{ synthesized: 'now' | 'before' }> {
  const { options, exampleFolder } = place
  const assembly = join(options.cache, 'synth', hashOf(exampleFolder))
  const isCached = existsSync(join(assembly, 'manifest.json'))
  // Bootstrapping reads no app, so the two run at once.
  await Promise.all([
    cdk(place, ['bootstrap', `aws://${options.account}/${options.region}`]),
    isCached ? undefined : synthesize(place, assembly),
  ])
  await cdk(place, ['deploy', '--all', '--app', assembly, '--require-approval', 'never', '--progress', 'events'])
  return { synthesized: isCached ? 'before' : 'now' }
}

/** Made aside and renamed, so that a killed synthesis is not taken for a whole one. */
async function synthesize(place: DeploymentPlace, assembly: string): Promise<void> {
  const aside = `${assembly}.${process.pid}`
  rmSync(aside, { recursive: true, force: true })
  await cdk(place, ['synth', '--quiet', '--output', aside])
  rmSync(assembly, { recursive: true, force: true })
  renameSync(aside, assembly)
}

function cdk({ root, exampleFolder, endpoint, options, progress }: DeploymentPlace, given: string[]): Promise<void> {
  const program = join(root, 'node_modules/aws-cdk/bin/cdk')
  if (!existsSync(program)) {
    throw new UserError('The AWS CDK is not installed.', { fix: 'Run the demo with `npm run demo` in a checkout.' })
  }
  const child = spawn(process.execPath, [program, ...given, '--no-notices', '--no-color', '--ci'], {
    cwd: exampleFolder,
    env: {
      ...options.hostEnvironment,
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: options.region,
      AWS_DEFAULT_REGION: options.region,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      // Nothing of the user's own AWS set-up may lead this deployment elsewhere.
      AWS_CONFIG_FILE: join(options.cache, 'no-aws-config'),
      AWS_SHARED_CREDENTIALS_FILE: join(options.cache, 'no-aws-credentials'),
      AWS_EC2_METADATA_DISABLED: 'true',
      CDK_DISABLE_VERSION_CHECK: '1',
      CDK_DISABLE_CLI_TELEMETRY: 'true',
      NODE_NO_WARNINGS: '1',
      CI: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      printed += text
      const last = text.trim().split('\n').at(-1)?.trim()
      if (last) progress(last)
    })
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve()
      else reject(new UserError(`cdk ${given[0]} failed:\n${printed.trim()}`, { fix: 'Its output above says where.' }))
    })
  })
}

function hashOf(folder: string): string {
  const hash = createHash('sha256')
  for (const path of sources.flatMap((source) => filesUnder(join(folder, source)))) {
    hash.update(`${relative(folder, path)}\0`).update(readFileSync(path))
  }
  return hash.digest('hex').slice(0, 16)
}

function filesUnder(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path)
    .filter((name) => name !== '__pycache__')
    .sort()
    .flatMap((name) => filesUnder(join(path, name)))
}
