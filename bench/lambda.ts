/** Lambda: a warm Invoke, and the time from a PUT into S3 to the start of the handler that its notification invokes. */
import { mkdtempSync, readFileSync, rmSync, watch } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AddPermissionCommand, CreateFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import {
  CreateBucketCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { zipSync } from 'fflate'
import { bench, percentile } from './report.ts'
import { clientSettings, startBenchServer } from './server.ts'

const warmInvocations = 200
const measuredInvocations = 1000
const measuredPuts = 200
const arn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`

const echoes = {
  'nodejs20.x': { 'index.js': 'exports.handler = async (event) => event.n + 1' },
  'python3.12': { 'index.py': 'def handler(event, context):\n    return event["n"] + 1\n' },
}

/** Notes the moment at which its handler starts, on the host's clock. */
const noting = `const fs = require('node:fs')
exports.handler = async (event) => {
  const at = performance.timeOrigin + performance.now()
  fs.appendFileSync(process.env.NOTES, event.Records[0].s3.object.key + ' ' + at + '\\n')
}`

export const functions = bench('Lambda', async (report) => {
  const server = await startBenchServer()
  const folder = mkdtempSync(join(tmpdir(), 'igarape-bench-notes-'))
  const settings = clientSettings(server)
  const lambda = new LambdaClient(settings)
  const s3 = new S3Client(settings)
  try {
    for (const [runtime, files] of Object.entries(echoes)) {
      await make(lambda, runtime, files)
      const millis = await invoked(lambda, nameOf(runtime))
      const goal = runtime.startsWith('nodejs') ? { goal: '≤ 3 ms' } : {}
      report({ what: `Invoke warm, ${runtime}, p50`, value: percentile(millis, 0.5), unit: 'ms', ...goal })
      report({ what: `Invoke warm, ${runtime}, p99`, value: percentile(millis, 0.99), unit: 'ms' })
    }
    const starts = await putToStart(lambda, s3, join(folder, 'notes'))
    report({ what: 'S3 PUT → handler start, p50', value: percentile(starts, 0.5), unit: 'ms', goal: '≤ 10 ms' })
    report({ what: 'S3 PUT → handler start, p99', value: percentile(starts, 0.99), unit: 'ms', goal: '≤ 40 ms' })
  } finally {
    lambda.destroy()
    s3.destroy()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
})

const nameOf = (runtime: string) => runtime.replace('.', '-')

async function make(lambda: LambdaClient, runtime: string, files: Record<string, string>, variables = {}) {
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: nameOf(runtime),
      Role: 'arn:aws:iam::000000000000:role/bench',
      Runtime: runtime.replace(/^noting-/, '') as never,
      Handler: 'index.handler',
      Code: {
        ZipFile: zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)]))),
      },
      Environment: { Variables: variables },
    }),
  )
}

async function invoked(lambda: LambdaClient, FunctionName: string): Promise<number[]> {
  const millis: number[] = []
  for (let n = 0; n < warmInvocations + measuredInvocations; n++) {
    const start = performance.now()
    const { Payload } = await lambda.send(new InvokeCommand({ FunctionName, Payload: `{"n":${n}}` }))
    if (Buffer.from(Payload as Uint8Array).toString() !== String(n + 1)) throw new Error('a wrong answer')
    if (n >= warmInvocations) millis.push(performance.now() - start)
  }
  return millis
}

/** From the moment at which the PUT is sent, on the host's clock, to the handler's first line. */
async function putToStart(lambda: LambdaClient, s3: S3Client, notes: string): Promise<number[]> {
  const runtime = 'noting-nodejs20.x'
  await make(lambda, runtime, { 'index.js': noting }, { NOTES: notes })
  const FunctionName = nameOf(runtime)
  const permission = { Action: 'lambda:InvokeFunction', Principal: 's3.amazonaws.com', StatementId: 's3' }
  await lambda.send(new AddPermissionCommand({ FunctionName, ...permission }))
  await s3.send(new CreateBucketCommand({ Bucket: 'notas' }))
  const configuration = { LambdaFunctionArn: arn(FunctionName), Events: ['s3:ObjectCreated:*' as const] }
  await s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: 'notas',
      NotificationConfiguration: { LambdaFunctionConfigurations: [configuration] },
    }),
  )
  const millis: number[] = []
  for (let n = 0; n < measuredPuts + 10; n++) {
    const sent = performance.timeOrigin + performance.now()
    await s3.send(new PutObjectCommand({ Bucket: 'notas', Key: `k${n}`, Body: 'x' }))
    const started = await noted(notes, `k${n}`)
    // The first ones start the function.
    if (n >= 10) millis.push(started - sent)
  }
  return millis
}

async function noted(notes: string, key: string): Promise<number> {
  for (;;) {
    const found = new RegExp(`^${key} ([\\d.]+)$`, 'm').exec(readIfThere(notes))
    if (found) return Number(found[1])
    await changed(join(notes, '..'))
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function changed(folder: string): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, 5)
    const watcher = watch(folder, done)
    function done() {
      clearTimeout(timer)
      watcher.close()
      resolve()
    }
  })
}
