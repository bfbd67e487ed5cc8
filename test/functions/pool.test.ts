/** The engine alone: warm instances, their bounds, timeouts to the millisecond, and no orphans. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test as base, expect } from 'vitest'
import { type Bench, startPool } from './samples.ts'

const test = base.extend<{ bench: Bench }>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the names of what a fixture needs
  bench: async ({}, use) => {
    const bench = startPool()
    await use(bench)
    await bench.close()
  },
})

const counting = 'let count = 0; exports.handler = async () => ({ pid: process.pid, count: ++count })'

test('an instance is used again, and a second one starts only while the first is busy', async ({ bench }) => {
  const spec = bench.spec('counting', counting)

  await Promise.all([bench.invoke(spec), bench.invoke(spec)])
  const again = await bench.invoke(spec)

  expect(again.value).toMatchObject({ count: 2 })
  expect(bench.pool.instancesCount).toBe(2)
})

test('a burst of short invocations is served by warm instances in turns', async ({ bench }) => {
  const spec = bench.spec('counting', counting)
  await bench.invoke(spec)

  const answers = await Promise.all(Array.from({ length: 50 }, () => bench.invoke(spec)))

  expect(answers.every(({ error }) => error === undefined)).toBe(true)
  expect(bench.pool.instancesCount).toBeLessThan(10)
})

test('one that unexpectedly takes long does not hold up the others: one more is started for them', async ({
  bench,
}) => {
  const stuckUntilAsked =
    'let stuck; exports.handler = async ({ wait }) => { if (wait) await new Promise(() => setInterval(() => {}, 1000)); return process.pid }'
  const spec = bench.spec('stuck', stuckUntilAsked, { timeoutSeconds: 20 })
  await bench.invoke(spec)

  void bench.invoke(spec, { wait: true }).catch(() => undefined)
  const others = await Promise.all([bench.invoke(spec), bench.invoke(spec)])

  expect(others.every(({ error }) => error === undefined)).toBe(true)
  expect(bench.pool.instancesCount).toBeGreaterThan(1)
})

test('a retired instance is not used again', async ({ bench }) => {
  const spec = bench.spec('counting', counting)
  const first = (await bench.invoke(spec)).value as { pid: number }

  bench.pool.retire(spec.key)
  const second = (await bench.invoke(spec)).value as { pid: number; count: number }

  expect(second.count).toBe(1)
  expect(second.pid).not.toBe(first.pid)
})

test('beyond the bound invocations wait their turn, and an idle instance of another function makes room', async () => {
  const bench = startPool({ instancesMax: 2 })
  const slow = 'exports.handler = (event, context, callback) => setTimeout(() => callback(null, process.pid), 100)'
  const first = bench.spec('first', slow)
  const second = bench.spec('second', slow)

  const pids = await Promise.all([1, 2, 3, 4, 5].map(async () => (await bench.invoke(first)).value))
  const other = await bench.invoke(second)

  expect(new Set(pids).size).toBe(2)
  expect(other.error).toBeUndefined()
  expect(bench.pool.instancesCount).toBeLessThanOrEqual(2)
  await bench.close()
})

test.for(['nodejs20.x', 'python3.12'])('a timeout of %s never comes early', async (runtime, { bench }) => {
  const code =
    runtime === 'python3.12' ? 'def handler(e, c):\n  while True: pass' : 'exports.handler = async () => { for (;;); }'
  const spec = bench.spec('looping', code, { runtime, timeoutSeconds: 1 })

  for (let round = 0; round < 3; round++) {
    const begun = performance.now()
    const { error } = await bench.invoke(spec)
    const elapsed = performance.now() - begun
    expect(error).toBe('Sandbox.Timedout')
    expect(elapsed).toBeGreaterThanOrEqual(1000)
  }
})

test('memory counts for the whole process group', async ({ bench }) => {
  const code = [
    'import subprocess, sys',
    'def handler(event, context):',
    "    hungry = 'x = bytearray(400_000_000); import time; time.sleep(5)'",
    '    return subprocess.run([sys.executable, "-c", hungry]).returncode',
  ].join('\n')

  const { error } = await bench.invoke(bench.spec('parent', code, { runtime: 'python3.12' }))

  expect(error).toBe('Runtime.OutOfMemory')
})

test('an instance sees nothing of the environment of the server', async ({ bench }) => {
  const spec = bench.spec('looking', 'exports.handler = async () => Object.keys(process.env)')

  const { value } = await bench.invoke(spec)

  expect(value).not.toContain('VITEST')
  expect(value).not.toContain('npm_config_user_agent')
})

const endless = {
  'nodejs20.x': 'console.log("pid", process.pid); exports.handler = async () => { for (;;); }',
  // Its parent, which it was forked from, is to end too.
  'python3.12':
    'import os\nprint("pid", os.getpid(), "from", os.getppid())\ndef handler(event, context):\n  while True: pass',
}

test.for(Object.entries(endless))(
  'a killed server leaves no functions of %s behind, not even in an endless loop',
  async ([runtime, code], { bench }) => {
    const runner = `
    import { startPool } from ${JSON.stringify(join(import.meta.dirname, 'samples.ts'))}
    const bench = startPool()
    const spec = bench.spec('looping', ${JSON.stringify(code)}, { runtime: '${runtime}', timeoutSeconds: 600 })
    const log = ({ message }) => process.stdout.write(message + '\\n')
    bench.pool.invoke(spec, Buffer.from('{}'), { requestId: 'r', functionArn: 'a', onLog: log })`
    const tsx = join(import.meta.dirname, '../../node_modules/tsx/dist/cli.mjs')
    const server = spawn(process.execPath, [
      '--import',
      join(tsx, '../loader.mjs'),
      '--input-type=module',
      '-e',
      runner,
    ])
    const pids = await new Promise<number[]>((resolve, reject) => {
      let said = ''
      server.stdout.on('data', (part: Buffer) => {
        said += part.toString()
        const found = /pid (\d+)(?: from (\d+))?[\s\S]*START/.exec(said)
        if (found) resolve(found.slice(1).filter(Boolean).map(Number))
      })
      server.once('exit', () => reject(new Error(`the server ended: ${said}`)))
    })
    server.removeAllListeners('exit')

    server.kill('SIGKILL')

    await expect.poll(() => pids.filter(isAlive), { timeout: 5000 }).toEqual([])
    expect(bench.pool.instancesCount).toBe(0)
  },
)

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  return !existsSync(`/proc/${pid}/status`) || existsSync(`/proc/${pid}/exe`)
}
