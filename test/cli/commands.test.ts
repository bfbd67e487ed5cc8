/** The commands as a person calls them: processes of their own against a server. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { distinctSales, userFile } from '../../src/cli/demo/sales/salesFiles.ts'
import { node } from '../../src/cli/doctor.ts'
import { type Igarape, startIgarape } from '../../src/testkit/server.ts'

const command = fileURLToPath(new URL('../../bin/igarape.js', import.meta.url))
let igarape: Igarape

beforeAll(async () => {
  igarape = await startIgarape()
})
afterAll(() => igarape.stop())

test('a virtual clock is moved by `clock advance`', async () => {
  const before = igarape.clock.now().getTime()

  const { code, out } = await call('clock', 'advance', '1h30m')

  expect(code).toBe(0)
  expect(out).toContain('(virtual clock)')
  expect(igarape.clock.now().getTime() - before).toBeGreaterThanOrEqual(90 * 60_000)
})

test('reset says how long it took', async () => {
  expect((await call('reset')).out).toMatch(/is empty again, after \d+ ms\./)
})

test('what has no trace is named, with what to do', async () => {
  const { code, error } = await call('trace', 'no-such-file.csv')

  expect(code).toBe(1)
  expect(error).toContain('There is no trace of no-such-file.csv.')
  expect(error).toContain('igarape trace')
})

test('the outbox shows what is kept for phones, all of it or for one', async () => {
  const sns = igarape.client(SNSClient)
  await sns.send(new PublishCommand({ PhoneNumber: '+5511999990000', Message: 'Estoque baixo\nLoja 123' }))
  await sns.send(new PublishCommand({ PhoneNumber: '+5511888880000', Message: 'Outro' }))

  const all = await call('outbox')
  const one = await call('outbox', '--to', '+5511888880000', '--json')

  expect(all.code).toBe(0)
  expect(all.out).toMatch(/sms to \+5511999990000 .*\n│ Estoque baixo\n│ Loja 123\n\nsms to \+5511888880000/)
  expect(JSON.parse(one.out)).toMatchObject([{ kind: 'sms', to: '+5511888880000', text: 'Outro' }])
  expect((await call('outbox', '--to', '+1')).out).toContain('No messages.')
})

test('AWS_ENDPOINT_URL says which server is meant, unless a flag does', async () => {
  const environment = { AWS_ENDPOINT_URL: `http://127.0.0.1:${igarape.port}/` }

  expect((await run(['reset'], environment)).out).toContain(`http://127.0.0.1:${igarape.port} is empty again`)
  expect((await run(['reset', '--port', '1'], environment)).error).toContain('No server answers at http://127.0.0.1:1 ')
})

test('a command without a server says how to start one', async () => {
  const { code, error } = await run(['reset', '--port', '1'])

  expect(code).toBe(1)
  expect(error).toContain('No server answers at http://127.0.0.1:1')
  expect(error).toContain('igarape start')
})

test('a port that is taken is told with the way out', async () => {
  const { code, error } = await run(['start', '--in-memory', '--port', String(igarape.port)])

  expect(code).toBe(1)
  expect(error).toContain(`Port ${igarape.port} is in use.`)
  expect(error).toContain('--port 0')
})

test('a pattern is tried on an event without a server, and one is made from an event', async () => {
  const event = '{"source":"aws.s3","detail":{"key":"App.log.json"}}'
  const tried = await run([
    'events',
    'test',
    '--pattern',
    '{"detail":{"key":[{"prefix":"app.log"}]}}',
    '--event',
    event,
  ])

  expect(tried.code).toBe(1)
  expect(tried.out).toContain('`detail.key` is `App.log.json`; prefix `app.log` differs in case.')
  const made = await run(['events', 'pattern-for', event])
  expect(JSON.parse(made.out)).toEqual({ source: ['aws.s3'], detail: { key: ['App.log.json'] } })
  expect((await run(['events', 'test', '--pattern', made.out, '--event', event])).code).toBe(0)
})

test('a bus that does not exist is not watched, and one that is quiet shows nothing', async () => {
  expect((await call('events', 'tail', 'nope')).error).toContain('Event bus nope does not exist')
  expect(await call('events', 'tail', 'default', '--for', '0')).toMatchObject({ code: 0, out: '' })
})

test('an unknown command or option is refused with where to look', async () => {
  expect((await run(['strat'])).error).toContain('There is no command strat.')
  expect((await run(['start', '--prot', '1'])).error).toContain("Unknown option '--prot'")
  expect((await run(['start', '--port', 'high'])).error).toContain('--port is high')
})

test('an old Node.js is found lacking', () => {
  expect(node('20.18.1').verdict).toBe('lacking')
  expect(node('20.19.0').verdict).toBe('good')
  expect(node('22.0.0').verdict).toBe('good')
})

test('a sale is counted once, however often its row is there', () => {
  const file = 'venda_id,produto,valor\n1,"a, b",1.10\n2,c,2.20\n1,"a, b",1.10\n'

  expect(distinctSales(Buffer.from(file))).toEqual({ sales: 2, cents: 330 })
})

test('a file of the user’s gets a name that the pipeline takes', () => {
  const self = fileURLToPath(import.meta.url)

  expect(userFile(self).key).toBe('loja-commands-test-ts.csv')
})

function call(...given: string[]) {
  return run([...given, '--port', String(igarape.port)])
}

function run(
  given: string[],
  environment: Record<string, string> = {},
): Promise<{ code: number; out: string; error: string }> {
  const env = { ...process.env, ...environment }
  return new Promise((resolve) => {
    execFile(process.execPath, [command, ...given], { env }, (failed, out, error) =>
      resolve({ code: failed ? Number(failed.code) : 0, out, error }),
    )
  })
}
