/** Init scripts: real ones, in a folder as LocalStack's users have it, told of where their tools ask. */
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { test as base, expect } from 'vitest'
import { startIgarape } from '../../src/testkit/server.ts'

const command = fileURLToPath(new URL('../../bin/igarape.js', import.meta.url))

interface Init {
  folder: string
  /** What the scripts wrote. */
  written(name: string): string
  add(name: string, text: string, mode?: number): void
}

const test = base.extend<{ init: Init }>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the names of what a fixture needs
  init: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'igarape-init-'))
    await use({
      folder,
      written: (name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : ''),
      add(name, text, mode = 0o755) {
        mkdirSync(dirname(join(folder, name)), { recursive: true })
        writeFileSync(join(folder, name), text)
        chmodSync(join(folder, name), mode)
      },
    })
    rmSync(folder, { recursive: true })
  },
})

test('scripts run stage by stage and by name, those of subfolders after their parents’, and each is told of', async ({
  init,
}) => {
  const note = (text: string) => `#!/bin/sh\necho ${text} >> ${init.folder}/order\n`
  init.add('ready.d/02-b.sh', note('b'))
  init.add('ready.d/01-a.sh', note('a'))
  init.add('ready.d/00-more/z.sh', note('z'))
  init.add('ready.d/notes.txt', 'no script')
  init.add('start.d/s.sh', note('start'))
  init.add('boot.d/b.sh', note('boot'))
  init.add('shutdown.d/end.sh', note('end'))
  const igarape = await startIgarape({ options: { init: init.folder } })
  const told = await (await fetch(`${igarape.endpoint}/_localstack/init`)).json()
  const ready = await (await fetch(`${igarape.endpoint}/_localstack/init/ready`)).json()
  const nowhere = await fetch(`${igarape.endpoint}/_localstack/init/later`)
  await igarape.stop()

  expect(init.written('order').split('\n')).toEqual(['boot', 'start', 'a', 'b', 'z', 'end', ''])
  expect(told).toEqual({
    completed: { BOOT: true, START: true, READY: true, SHUTDOWN: false },
    scripts: [
      { stage: 'BOOT', name: 'b.sh', state: 'SUCCESSFUL' },
      { stage: 'START', name: 's.sh', state: 'SUCCESSFUL' },
      { stage: 'READY', name: '01-a.sh', state: 'SUCCESSFUL' },
      { stage: 'READY', name: '02-b.sh', state: 'SUCCESSFUL' },
      { stage: 'READY', name: '00-more/z.sh', state: 'SUCCESSFUL' },
      { stage: 'SHUTDOWN', name: 'end.sh', state: 'UNKNOWN' },
    ],
  })
  expect(ready).toMatchObject({ completed: true, scripts: [{ name: '01-a.sh' }, {}, {}] })
  expect(nowhere.status).toBe(404)
})

test('a Python script of ready.d makes resources with nothing but boto3, and reads what the server was started with', async ({
  init,
}) => {
  init.add(
    'ready.d/seed.py',
    "import boto3, os\nboto3.client('sqs').create_queue(QueueName=os.environ['PATH'] and 'vendas')\n",
    0o644,
  )
  const igarape = await startIgarape({ options: { init: init.folder, region: 'sa-east-1' } })
  const sqs = igarape.client(SQSClient)
  const { QueueUrls } = await sqs.send(new ListQueuesCommand({}))
  await igarape.stop()

  expect(QueueUrls).toEqual([expect.stringMatching(/\/vendas$/)])
})

test('a script that fails, cannot be run or has no interpreter is told of, and stops neither the others nor the server', async ({
  init,
}) => {
  const lines: string[] = []
  const log = {
    info: (line: string) => lines.push(line),
    warn: (line: string) => lines.push(line),
    error: () => undefined,
  }
  init.add('ready.d/1.sh', '#!/bin/sh\necho about to fail\nexit 3\n')
  init.add('ready.d/2.sh', '#!/bin/sh\n', 0o644)
  init.add('ready.d/3.sh', '#!/no/such/shell\n')
  init.add('ready.d/4.py', 'raise ValueError("no")\n')
  init.add('ready.d/5.sh', '#!/bin/sh\ntest -n "$AWS_ENDPOINT_URL$AWS_ACCESS_KEY_ID"\n')
  const igarape = await startIgarape({ options: { init: init.folder }, parts: { log } })
  const { scripts } = (await (await fetch(`${igarape.endpoint}/_localstack/init/READY`)).json()) as {
    scripts: { state: string }[]
  }
  await igarape.stop()

  expect(scripts.map(({ state }) => state)).toEqual(['ERROR', 'ERROR', 'ERROR', 'ERROR', 'SUCCESSFUL'])
  expect(lines).toContain('1.sh: about to fail')
  expect(lines).toContain('4.py: ValueError: no')
  expect(lines).toContainEqual(expect.stringMatching(/1\.sh failed: exit code 3$/))
  expect(lines).toContainEqual(expect.stringMatching(/2\.sh failed: it is not executable\. chmod \+x .*2\.sh$/))
  expect(lines).toContainEqual(
    expect.stringMatching(/3\.sh failed: the program that its first line names is not there/),
  )
})

test('a folder without stages is of the older kind: its scripts are those of ready.d', async ({ init }) => {
  init.add('setup.sh', `#!/bin/sh\necho done > ${init.folder}/order\n`)
  const igarape = await startIgarape({ options: { init: init.folder } })
  await igarape.stop()

  expect(init.written('order')).toBe('done\n')
})

test('the command says `Ready.` before the scripts of ready.d are over, and ends what still runs when it is stopped', async ({
  init,
}) => {
  init.add('ready.d/long.sh', `#!/bin/sh\necho began\nwhile :; do sleep 1; done\n`)
  init.add('ready.d/never.sh', `#!/bin/sh\necho never > ${init.folder}/order\n`)
  init.add(
    'shutdown.d/end.sh',
    `#!/bin/sh\ncurl -sf "$AWS_ENDPOINT_URL/_localstack/init/ready" > ${init.folder}/order\n`,
  )
  const child = spawn(process.execPath, [command, 'start', '--in-memory', '--port', '0', '--init', init.folder])
  const said: string[] = []
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const line = (stream: typeof child.stdout, wanted: RegExp) =>
    new Promise<void>((resolve) =>
      createInterface({ input: stream }).on('line', (text) => {
        said.push(text)
        if (wanted.test(text)) resolve()
      }),
    )
  await Promise.all([line(child.stdout, /^Ready\.$/), line(child.stderr, /INFO {2}long\.sh: began$/)])
  child.kill('SIGTERM')

  expect(await ended).toBe(0)
  expect(JSON.parse(init.written('order'))).toEqual({
    completed: false,
    scripts: [
      { stage: 'READY', name: 'long.sh', state: 'ERROR' },
      { stage: 'READY', name: 'never.sh', state: 'UNKNOWN' },
    ],
  })
})
