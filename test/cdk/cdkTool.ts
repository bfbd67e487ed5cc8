/** The real CDK command line, in a project folder of its own whose app is `app.mjs` beside this file. */
import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const program = resolve(import.meta.dirname, '../../node_modules/aws-cdk/bin/cdk')
const app = resolve(import.meta.dirname, 'app.mjs')

export interface Ran {
  code: number | null
  /** Both streams, as they came. */
  printed: string
}

export class CdkProject {
  readonly folder = mkdtempSync(join(tmpdir(), 'igarape-cdk-'))
  readonly #endpoint: string

  constructor(endpoint: string) {
    this.#endpoint = endpoint
    cpSync(resolve(import.meta.dirname, 'project'), this.folder, { recursive: true })
    const watch = { include: ['function/**'] }
    writeFileSync(join(this.folder, 'cdk.json'), JSON.stringify({ app: `${process.execPath} ${app}`, watch }))
    mkdirSync(join(this.folder, 'home'))
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.folder, path), text)
  }

  /** Runs one command to its end. */
  async cdk(given: string[], variant: Record<string, string> = {}): Promise<Ran> {
    const child = this.start(given, variant)
    let printed = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        printed += text
      })
    }
    const code = await new Promise<number | null>((done) => child.once('close', done))
    return { code, printed }
  }

  /** Starts a command that ends only when it is told to. */
  start(given: string[], variant: Record<string, string> = {}): ChildProcess {
    return spawn(process.execPath, [program, ...given, '--no-notices', '--no-color', '--ci'], {
      cwd: this.folder,
      env: {
        ...process.env,
        ...variant,
        HOME: join(this.folder, 'home'),
        AWS_ENDPOINT_URL: this.#endpoint,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        AWS_EC2_METADATA_DISABLED: 'true',
        CDK_DISABLE_CLI_TELEMETRY: 'true',
        NODE_NO_WARNINGS: '1',
        CI: '1',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  /** Of one file, or of the whole folder. */
  remove(path = ''): void {
    rmSync(join(this.folder, path), { recursive: true, force: true })
  }
}
