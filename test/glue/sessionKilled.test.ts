/** A server that is killed while interactive sessions are open. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateSessionCommand,
  GetSessionCommand,
  GetStatementCommand,
  type GlueClient,
  RunStatementCommand,
} from '@aws-sdk/client-glue'
import { expect, onTestFinished, test } from 'vitest'
import { clients, started } from './killableServer.ts'

const Role = 'arn:aws:iam::000000000000:role/glue'
const SessionId = 'caderno'
const patience = { timeout: 60_000 }

async function statusOf(glue: GlueClient): Promise<string | undefined> {
  return (await glue.send(new GetSessionCommand({ Id: SessionId }))).Session?.Status
}

test('a session whose server was killed has failed, with what ran in it, and nothing of it is left', async () => {
  const data = mkdtempSync(join(tmpdir(), 'igarape-sessions-'))
  onTestFinished(() => rmSync(data, { recursive: true, force: true }))
  const first = await started(data)
  const before = clients(first.endpoint).glue
  await before.send(new CreateSessionCommand({ Id: SessionId, Role, Command: { Name: 'glueetl' } }))
  await expect.poll(() => statusOf(before), patience).toBe('READY')
  const pidCode = 'import os\nos.getpid()'
  const { Id: asked } = await before.send(new RunStatementCommand({ SessionId, Code: pidCode }))
  const resultOf = async (glue: GlueClient, Id: number | undefined) =>
    (await glue.send(new GetStatementCommand({ SessionId, Id: Id ?? 0 }))).Statement
  await expect.poll(async () => (await resultOf(before, asked))?.State, patience).toBe('AVAILABLE')
  const pid = Number((await resultOf(before, asked))?.Output?.Data?.TextPlain)
  const Code = 'import time\nwhile True: time.sleep(0.01)'
  const { Id: endless } = await before.send(new RunStatementCommand({ SessionId, Code }))
  await expect.poll(async () => (await resultOf(before, endless))?.State, patience).toBe('RUNNING')
  first.child.kill('SIGKILL')

  const second = await started(data)
  onTestFinished(() => void second.child.kill('SIGKILL'))
  const after = clients(second.endpoint).glue
  await expect.poll(() => statusOf(after), patience).toBe('FAILED')
  const { Session } = await after.send(new GetSessionCommand({ Id: SessionId }))

  expect(Session).toMatchObject({ Status: 'FAILED', ErrorMessage: 'The server ended while the session was open.' })
  expect(await resultOf(after, endless)).toMatchObject({ State: 'ERROR', Output: { ErrorName: 'SessionEnded' } })
  expect((await resultOf(after, asked))?.Output?.Data?.TextPlain).toBe(String(pid))
  await expect.poll(() => isThere(pid), patience).toBe(false)
})

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
