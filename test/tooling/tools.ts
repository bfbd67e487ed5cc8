/** Tools that people point at such a server, in versions of their own, installed once a machine; absent without a network. */
import { type ExecFileOptions, execFile, execFileSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const pinned = ['awscli==1.46.3', 'awscli-local==0.23.0', 'terraform-local==0.27.0']
const folder = join(tmpdir(), `igarape-test-tools-${pinned.join('-').replaceAll('=', '')}`)

/** The folder of the programs, or undefined where they cannot be had. */
export function pythonTools(): string | undefined {
  const programs = join(folder, 'bin')
  if (existsSync(join(folder, 'ready'))) return programs
  try {
    execFileSync('python3', ['-m', 'venv', '--clear', folder], { stdio: 'ignore' })
    const given = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...pinned]
    execFileSync(join(programs, 'python'), given, { stdio: 'ignore' })
    writeFileSync(join(folder, 'ready'), '')
    return programs
  } catch {
    return undefined
  }
}

/** A folder for `terraform init -plugin-dir`, or undefined where Terraform or its AWS provider is not on the machine. */
export function terraformPlugins(): string | undefined {
  const places = [process.env.TF_PLUGIN_DIR ?? '', '/opt/tf-plugins', `${process.env.HOME}/.terraform.d/plugins`]
  const found = places.find((place) => existsSync(join(place, 'registry.terraform.io/hashicorp/aws')))
  try {
    execFileSync('terraform', ['version'], { stdio: 'ignore' })
    return found
  } catch {
    return undefined
  }
}

/** What a program printed. Errors: with what it said, where it ended with another code than 0. */
export async function run(program: string, given: string[], options: ExecFileOptions): Promise<string> {
  const { stdout } = await promisify(execFile)(program, given, { maxBuffer: 2 ** 26, ...options })
  return String(stdout)
}
