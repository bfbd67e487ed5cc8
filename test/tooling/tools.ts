/** Tools that people point at such a server, in versions of their own, installed once a machine; absent without a network. */
import { type ExecFileOptions, execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const pythonPackages = ['awscli==1.46.3', 'awscli-local==0.23.0', 'terraform-local==0.27.0']
/** Of testcontainers the last line that runs on Node 20. cdklocal takes the CDK itself from NODE_PATH. */
const nodePackages = ['aws-cdk-local@3.0.4', 'testcontainers@11.14.0', '@testcontainers/localstack@11.14.0']

/** The folder of the programs, or undefined where they cannot be had. */
export function pythonTools(): string | undefined {
  const folder = folderOf(pythonPackages)
  const programs = join(folder, 'bin')
  const isThere = installedOnce(folder, () => {
    execFileSync('python3', ['-m', 'venv', '--clear', folder], { stdio: 'ignore' })
    const given = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...pythonPackages]
    execFileSync(join(programs, 'python'), given, { stdio: 'ignore' })
  })
  return isThere ? programs : undefined
}

/** A folder with what a Python function brings along, its own packages alone; undefined where they cannot be had. */
export function pythonModules(packages: readonly string[]): string | undefined {
  const folder = folderOf(packages)
  const isThere = installedOnce(folder, () => {
    const given = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--no-compile']
    execFileSync('python3', [...given, '--target', folder, '--upgrade', ...packages], { stdio: 'ignore' })
  })
  return isThere ? folder : undefined
}

/** The folder whose node_modules has the packages, or undefined where they cannot be had. */
export function nodeTools(): string | undefined {
  const folder = folderOf(nodePackages)
  const isThere = installedOnce(folder, () => {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder)
    writeFileSync(join(folder, 'package.json'), '{ "private": true }')
    const given = ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', ...nodePackages]
    execFileSync('npm', given, { cwd: folder, stdio: 'ignore' })
  })
  return isThere ? folder : undefined
}

function folderOf(packages: readonly string[]): string {
  return join(tmpdir(), `igarape-test-tools-${packages.join('-').replaceAll(/[=@/]/g, '')}`)
}

function installedOnce(folder: string, install: () => void): boolean {
  if (existsSync(join(folder, 'ready'))) return true
  try {
    install()
    writeFileSync(join(folder, 'ready'), '')
    return true
  } catch {
    return false
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
