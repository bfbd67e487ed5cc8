/** A pool and functions on it, for tests of the engine alone. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock, systemRandom } from '../../src/clock.ts'
import type { FunctionSpec } from '../../src/engines/functions/functionSpec.ts'
import type { InstancesOptions } from '../../src/engines/functions/instances.ts'
import { packageFolder } from '../../src/engines/functions/packageFolder.ts'
import { FunctionPool } from '../../src/engines/functions/pool.ts'

export interface Bench {
  pool: FunctionPool
  folder: string
  spec(name: string, code: string, settings?: Partial<FunctionSpec>): FunctionSpec
  invoke(spec: FunctionSpec, event?: unknown): Promise<{ value: unknown; lines: string[]; error?: string }>
  close(): Promise<void>
}

export function startPool(limits: Partial<InstancesOptions> = {}): Bench {
  const folder = mkdtempSync(join(tmpdir(), 'igarape-functions-'))
  const random = systemRandom()
  const pool = new FunctionPool({
    clock: systemClock(),
    random,
    folder: join(folder, 'instances'),
    runtimesFolder: join(packageFolder(), 'runtimes'),
    nodePath: process.execPath,
    pythonPath: async () => 'python3',
    strictRuntimes: false,
    instancesMax: 8,
    idleInstancesMax: 8,
    idleMegabytesMax: 1024,
    idleSecondsMax: 600,
    ...limits,
  })
  return {
    pool,
    folder,
    spec(name, code, settings = {}) {
      const codeFolder = join(folder, name, 'task')
      mkdirSync(codeFolder, { recursive: true })
      writeFileSync(join(codeFolder, settings.runtime?.startsWith('python') ? 'index.py' : 'index.js'), code)
      return {
        ...{
          key: name,
          name,
          version: '$LATEST',
          accountId: '000000000000',
          region: 'us-east-1',
          runtime: 'nodejs20.x',
        },
        ...{ handler: 'index.handler', memoryMegabytes: 256, timeoutSeconds: 10, environment: {}, codeFolder },
        ...{ logGroup: `/aws/lambda/${name}`, ...settings },
      }
    },
    async invoke(spec, event = {}) {
      const lines: string[] = []
      const result = await pool.invoke(spec, Buffer.from(JSON.stringify(event)), {
        requestId: random.uuid(),
        functionArn: `arn:aws:lambda:us-east-1:000000000000:function:${spec.name}`,
        onLog: ({ message }) => lines.push(message),
      })
      const value = JSON.parse(Buffer.from(result.payload).toString())
      return { value, lines, ...(result.errorType && { error: result.errorType }) }
    },
    async close() {
      await pool.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
