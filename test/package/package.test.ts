/** What `npm pack` makes, installed in a folder of its own: the tests run in order and see only what a user sees. */
import { type ChildProcess, type ChildProcessByStdio, execFile, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { AthenaClient, GetQueryExecutionCommand, StartQueryExecutionCommand } from '@aws-sdk/client-athena'
import { CreateFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3'
import { zipSync } from 'fflate'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 300_000 })

const packedBytesMax = 2_500_000
const unpackedBytesMax = 10_000_000

const root = resolve(import.meta.dirname, '../..')
const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'igarape-package-'))
const installed = join(folder, 'node_modules/igarape')

interface Packed {
  filename: string
  size: number
  unpackedSize: number
  files: { path: string; size: number }[]
}

let packed: Packed

beforeAll(async () => {
  // Packed from a copy, so that the bundle that other tests run from stays as it is.
  const copy = join(folder, 'copy')
  const tracked = (await run('git', ['ls-files', '-z'], { cwd: root, maxBuffer: 2 ** 26 })).stdout.split('\0')
  for (const path of tracked.filter((name) => /^(?!test\/|examples\/)./.test(name))) {
    cpSync(join(root, path), join(copy, path))
  }
  cpSync(join(root, 'node_modules'), join(copy, 'node_modules'), { recursive: true, verbatimSymlinks: true })
  const { stdout } = await npm(['pack', '--json', '--pack-destination', folder], copy)
  packed = JSON.parse(stdout.slice(stdout.indexOf('[')))[0]
  rmSync(copy, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  await npm(['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', `./${packed.filename}`])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the package is small, and holds what runs and nothing else', () => {
  console.log(`packed: ${kilobytes(packed.size)} kB; unpacked: ${kilobytes(packed.unpackedSize)} kB`)

  expect(packed.size).toBeLessThan(packedBytesMax)
  expect(packed.unpackedSize).toBeLessThan(unpackedBytesMax)
  const places = new Set(packed.files.map(({ path }) => path.split('/')[0]))
  expect([...places].sort()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'README.pt-BR.md',
    'bin',
    'dist',
    'package.json',
    'runtimes',
  ])
  expect(packed.files.filter(({ path }) => /\.map$|\.test\.|__pycache__/.test(path))).toEqual([])
  for (const path of filesOf(installed)) expect(readFileSync(path, 'latin1').includes(root), path).toBe(false)
})

test('`npx igarape start` answers outside the repository, and ends with 0 when it is told to', async () => {
  const server = await started(['--data', join(folder, 'data')])
  const s3 = new S3Client({ endpoint: server.endpoint, ...credentials, forcePathStyle: true })
  expect((await s3.send(new ListBucketsCommand({}))).Buckets ?? []).toEqual([])
  s3.destroy()
  server.child.kill('SIGTERM')

  expect((await once(server.child, 'exit'))[0]).toBe(0)
})

test('the other commands are there', async () => {
  const { version } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))

  expect((await igarape(['--version'])).stdout).toContain(version)
  expect((await igarape(['--help'])).stdout).toContain('igarape start')
  expect((await igarape(['doctor'])).stdout).toMatch(/Node/)
})

test('functions in Node.js and Python find their SDKs, of a runtime folder that is installed when first needed', async () => {
  const server = await started(['--in-memory', '--cache', join(folder, 'cache')])
  mkdirSync(join(folder, 'functions'), { recursive: true })
  writeFileSync(join(folder, 'functions/check.mjs'), readFileSync(join(import.meta.dirname, 'sdkFunctions.mjs')))
  link('@aws-sdk/client-lambda')
  const { stdout } = await run(process.execPath, ['functions/check.mjs', server.endpoint], { cwd: folder })
  unlink('@aws-sdk/client-lambda')
  server.child.kill('SIGTERM')
  await once(server.child, 'exit')

  expect(JSON.parse(stdout)).toEqual({ node: ['vendas-node'], python: ['vendas-node', 'vendas-python'] })
})

test('`igarape install` says where functions and jobs find what they need', async () => {
  const { stdout } = await igarape(['install', '--cache', join(folder, 'cache')])

  expect(stdout).toMatch(/Python 3\.\d+\S* is ready in /)
  expect(stdout).toMatch(/The AWS SDK for functions in Node\.js is ready in .*cache.*node_modules/)
})

test('a folder that may not be written serves as well: functions run, and statements', async () => {
  const own = mkdtempSync(join(tmpdir(), 'igarape-home-'))
  // Root may write everywhere, so where the tests run as root the server runs as nobody.
  const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
  if (user.uid) chownSync(own, user.uid, user.gid)
  chmodSync(folder, 0o755)
  await run('chmod', ['-R', 'a-w', installed])
  const given = ['--data', join(own, 'data'), '--cache', join(own, 'cache')]
  const server = await started(given, { ...user, env: { PATH: process.env.PATH, HOME: own } })
  const settings = { endpoint: server.endpoint, ...credentials }
  const [lambda, athena] = [new LambdaClient(settings), new AthenaClient(settings)]
  const ZipFile = zipSync({ 'index.mjs': Buffer.from('export const handler = async ({ loja }) => loja') })
  const Role = 'arn:aws:iam::000000000000:role/lambda'
  await lambda.send(
    new CreateFunctionCommand({
      ...{ FunctionName: 'loja', Role, Runtime: 'nodejs22.x', Handler: 'index.handler', Code: { ZipFile } },
    }),
  )
  const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: 'loja', Payload: '{"loja":123}' }))
  await fetch(`${server.endpoint}/resultados`, { method: 'PUT' })
  const ResultConfiguration = { OutputLocation: 's3://resultados/' }
  const { QueryExecutionId } = await athena.send(
    new StartQueryExecutionCommand({ QueryString: 'SELECT 1 AS um', ResultConfiguration }),
  )
  const state = async () => {
    const { QueryExecution } = await athena.send(new GetQueryExecutionCommand({ QueryExecutionId }))
    return QueryExecution?.Status?.State
  }
  await expect.poll(state, { timeout: 20_000 }).toBe('SUCCEEDED')
  for (const client of [lambda, athena]) client.destroy()
  server.child.kill('SIGTERM')
  const [code] = await once(server.child, 'exit')
  await run('chmod', ['-R', 'u+w', installed])
  rmSync(own, { recursive: true })

  expect(Payload?.transformToString()).toBe('123')
  expect(code).toBe(0)
})

test('`igarape/testing` starts a server inside a program that has no SDK client and no Vitest', async () => {
  writeFileSync(
    join(folder, 'inside.mjs'),
    `import { startIgarape } from 'igarape/testing'
     const igarape = await startIgarape()
     const before = igarape.clock.now()
     await igarape.clock.advance({ hours: 1 })
     await igarape.settled()
     const answer = await fetch(igarape.endpoint + '/vendas', { method: 'PUT' })
     console.log(JSON.stringify({ status: answer.status, moved: igarape.clock.now() - before >= 3_600_000 }))
     await igarape.stop()`,
  )

  const { stdout } = await run(process.execPath, ['inside.mjs'], { cwd: folder })

  expect(JSON.parse(stdout)).toEqual({ status: 200, moved: true })
})

test.for(['nodenext', 'bundler'])('its types hold under the strictest settings, resolved as %s', async (resolution) => {
  const source = readFileSync(join(import.meta.dirname, 'consumer.ts'))
  writeFileSync(join(folder, 'consumer.ts'), source)
  const module = resolution === 'bundler' ? 'esnext' : 'nodenext'
  const strict = '--noEmit --strict --exactOptionalPropertyTypes --noUncheckedIndexedAccess --target es2023 --types'
  const given = [...strict.split(' '), '', '--module', module, '--moduleResolution', resolution, 'consumer.ts']

  const told = await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...given], { cwd: folder })

  expect(told.stdout).toBe('')
})

test('the Vitest fixture gives each test a server that is empty', async () => {
  for (const name of ['vitest', '@aws-sdk/client-sqs']) link(name)
  writeFileSync(join(folder, 'fixture.test.ts'), readFileSync(join(import.meta.dirname, 'fixtureUse.ts')))

  const { stdout } = await run(
    process.execPath,
    [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', folder, 'fixture.test.ts'],
    { cwd: folder, env: { ...process.env, NO_COLOR: '1', VITEST: '' } },
  )

  expect(stdout).toMatch(/Tests\s+2 passed/)
})

const credentials = { region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }

const kilobytes = (bytes: number) => Math.round(bytes / 1000)

function npm(given: string[], cwd = folder) {
  return run('npm', given, { cwd, maxBuffer: 2 ** 26 })
}

function igarape(given: string[]) {
  return run('npx', ['--no-install', 'igarape', ...given], { cwd: folder })
}

async function started(given: string[], as: SpawnOptions = {}): Promise<{ child: ChildProcess; endpoint: string }> {
  const program = join(folder, 'node_modules/.bin/igarape')
  const child = spawn(program, ['start', '--port', '0', ...given], {
    cwd: folder,
    ...as,
    stdio: ['ignore', 'pipe', 'inherit'],
  }) as ChildProcessByStdio<null, Readable, null>
  let said = ''
  const endpoint = await new Promise<string>((ready, fail) => {
    child.once('exit', () => fail(new Error(said)))
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      said += part
      const found = /http:\/\/[\d.:]+/.exec(said)?.[0]
      if (/^Ready\.$/m.test(said) && found) ready(found)
    })
  })
  return { child, endpoint }
}

/** A package of the repository, where the user's folder would have it. */
function link(name: string): void {
  mkdirSync(resolve(folder, 'node_modules', name, '..'), { recursive: true })
  symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name))
}

function unlink(name: string): void {
  rmSync(join(folder, 'node_modules', name), { recursive: true })
}

function filesOf(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((name) => join(path, name))
    .filter((name) => statSync(name).isFile())
}
