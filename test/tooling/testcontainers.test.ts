/**
 * testcontainers' own LocalStack module, with its wait for the line `Ready.` and with one for the health address. What is
 * not real is Docker: a daemon of ours runs the server's process where Docker would run an image.
 */
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type ContainerDaemon, startContainerDaemon } from './containerDaemon.ts'
import { nodeTools, run } from './tools.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 })

const tools = nodeTools()
const root = resolve(import.meta.dirname, '../..')

let daemon: ContainerDaemon

describe.skipIf(tools === undefined)('testcontainers (skipped where npm cannot install it)', () => {
  beforeAll(async () => {
    const program = join(root, 'bin/igarape.js')
    daemon = await startContainerDaemon([process.execPath, program, 'start', '--port', '0', '--in-memory'])
  })
  afterAll(() => daemon.close())

  test('a LocalStack container is ready when our server is, and its address serves the SDK', async () => {
    const told = await run(
      process.execPath,
      [join(import.meta.dirname, 'testcontainersUse.mjs'), tools as string, root],
      {
        env: {
          PATH: process.env.PATH,
          HOME: tools,
          DOCKER_HOST: daemon.address,
          TESTCONTAINERS_RYUK_DISABLED: 'true',
        },
      },
    )

    expect(JSON.parse(told)).toEqual({ log: ['log'], health: ['health'] })
  })
})
