/**
 * `kill -9` cannot show a missing sync, since the kernel keeps what a dead process wrote. The system calls can: of each of
 * 1,000 writes of each kind, the sync that covers it returned before its answer was sent.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateArchiveCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { LambdaClient, PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda'
import { expect, test } from 'vitest'
import { buildLoad, load } from './load.ts'
import { ServerProcess } from './serverProcess.ts'
import { type Acknowledged, SystemCalls, straceArguments } from './systemCalls.ts'
import { buildWorld, writes } from './world.ts'

const each = 1000
const writers = 32

const kinds = {
  PutObject: writes.PutObject?.write,
  SendMessage: writes.SendMessage?.write,
  event: writes.event?.write,
  Invoke: writes.Invoke?.write,
  file: load.file,
  published: load.published,
  logged: load.logged,
  table: load.table,
} as Record<string, (server: ServerProcess, id: string) => Promise<{ $metadata: { requestId?: string } }>>

const canTrace = spawnSync('strace', ['-f', '-e', 'trace=none', 'true']).status === 0

test.skipIf(!canTrace)(
  'what was answered was on disk before, a thousand times for each kind of write',
  async () => {
    const { acknowledged, calls } = await traced(each, [])

    expect(acknowledged).toHaveLength(each * Object.keys(kinds).length)
    expect(calls.violations(acknowledged)).toEqual([])
  },
  300_000,
)

test.skipIf(!canTrace)(
  'without syncs, the same look finds every write at fault',
  async () => {
    const { acknowledged, calls } = await traced(10, ['--in-memory'])

    expect(calls.violations(acknowledged)).toHaveLength(acknowledged.length)
  },
  120_000,
)

async function traced(count: number, options: string[]): Promise<{ acknowledged: Acknowledged[]; calls: SystemCalls }> {
  const folder = mkdtempSync(join(tmpdir(), 'igarape-syncs-'))
  try {
    const trace = join(folder, 'trace')
    const under = ['strace', ...straceArguments, '-o', trace]
    const server = await ServerProcess.start(join(folder, 'data'), { under, options })
    await buildWorld(server)
    await buildLoad(server)
    const EventSourceArn = 'arn:aws:events:us-east-1:000000000000:event-bus/vendas'
    await server.client(EventBridgeClient).send(new CreateArchiveCommand({ ArchiveName: 'tudo', EventSourceArn }))
    // What is invoked waits for its turn, since a function that ran would be traced with all that it does.
    await server
      .client(LambdaClient)
      .send(new PutFunctionConcurrencyCommand({ FunctionName: 'broken', ReservedConcurrentExecutions: 0 }))
    const acknowledged = await writeAll(server, count)
    await server.kill()
    return { acknowledged, calls: await SystemCalls.read(trace) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Kinds mixed, many at once: commits are shared, and their syncs with them. */
async function writeAll(server: ServerProcess, count: number): Promise<Acknowledged[]> {
  const names = Object.keys(kinds)
  const acknowledged: Acknowledged[] = []
  let next = 0
  const write = async () => {
    while (next < count * names.length) {
      const at = next++
      const kind = names[at % names.length] as string
      const id = `${kind}-${100_000 + at}`
      const answer = await kinds[kind]?.(server, id)
      acknowledged.push({ id, requestId: answer?.$metadata.requestId?.toLowerCase() ?? '' })
    }
  }
  await Promise.all(Array.from({ length: writers }, write))
  return acknowledged
}
