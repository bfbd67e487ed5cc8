/**
 * As much of the Docker Engine API as a library needs that runs a container, on a machine that has no Docker: a container
 * is our server's process, its port 4566 the port that the server took, its log what the process prints.
 * Source: Docker's Engine API reference, v1.43.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ContainerDaemon {
  /** For DOCKER_HOST. */
  address: string
  close(): Promise<void>
}

interface Container {
  child: ChildProcess
  /** In Docker's frames: both streams over one connection. */
  log: Buffer[]
  followers: Set<ServerResponse>
  port: number | undefined
}

const id = 'a'.repeat(64)
const startedAt = '2026-01-01T00:00:00Z'

/** `command` is what a container runs. */
export async function startContainerDaemon(command: readonly string[]): Promise<ContainerDaemon> {
  let container: Container | undefined
  const answers: [RegExp, (response: ServerResponse) => void | Promise<void>][] = [
    [/^GET \/_ping/, (response) => void response.end('OK')],
    [
      /^GET \/info/,
      (response) => json(response, 200, { OperatingSystem: 'Linux', OSType: 'linux', ServerVersion: '27' }),
    ],
    [/^GET \/containers\/json/, (response) => json(response, 200, [])],
    [/^GET \/images\/.*\/json/, (response) => json(response, 200, { Id: `sha256:${id}` })],
    [/^POST \/containers\/create/, (response) => json(response, 201, { Id: id, Warnings: [] })],
    [
      /^POST \/containers\/\w+\/start/,
      (response) => {
        container = startContainer(command)
        response.writeHead(204).end()
      },
    ],
    [/^GET \/containers\/\w+\/json/, (response) => json(response, 200, inspected(container))],
    [/^GET \/containers\/\w+\/logs/, (response) => follow(container, response)],
    [
      /^POST \/containers\/\w+\/stop/,
      async (response) => {
        await stop(container)
        response.writeHead(204).end()
      },
    ],
    [/^DELETE \/containers\//, (response) => void response.writeHead(204).end()],
  ]
  const server = createServer((request, response) => {
    const asked = `${request.method} ${request.url?.replace(/^\/v[\d.]+/, '')}`
    const answer = answers.find(([pattern]) => pattern.test(asked))?.[1]
    request.resume()
    if (answer) void answer(response)
    else json(response, 404, { message: `${asked} is not in this daemon` })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    address: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      await stop(container)
      server.closeAllConnections()
      server.close()
    },
  }
}

function startContainer(command: readonly string[]): Container {
  const child = spawn(command[0] as string, command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] })
  const container: Container = { child, log: [], followers: new Set(), port: undefined }
  for (const [stream, number] of [[child.stdout, 1] as const, [child.stderr, 2] as const]) {
    stream?.on('data', (text: Buffer) => {
      const frame = Buffer.concat([Buffer.from([number, 0, 0, 0, 0, 0, 0, 0]), text])
      frame.writeUInt32BE(text.length, 4)
      container.log.push(frame)
      for (const follower of container.followers) follower.write(frame)
      container.port ??= Number(/http:\/\/127\.0\.0\.1:(\d+)/.exec(text.toString())?.[1]) || undefined
    })
  }
  child.once('close', () => {
    for (const follower of container.followers) follower.end()
  })
  return container
}

async function stop(container: Container | undefined): Promise<void> {
  const { child } = container ?? {}
  if (!child || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'close')
  child.kill('SIGTERM')
  await ended
}

function inspected(container: Container | undefined): object {
  const Ports = container?.port ? { '4566/tcp': [{ HostIp: '127.0.0.1', HostPort: String(container.port) }] } : {}
  return {
    Id: id,
    Name: '/igarape',
    Config: { Hostname: 'igarape', Labels: {} },
    State: { Status: 'running', Running: true, StartedAt: startedAt, FinishedAt: '0001-01-01T00:00:00Z' },
    HostConfig: { PortBindings: { '4566/tcp': [{ HostPort: '0' }] } },
    NetworkSettings: { Ports, Networks: {} },
  }
}

function follow(container: Container | undefined, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/vnd.docker.raw-stream' })
  for (const frame of container?.log ?? []) response.write(frame)
  container?.followers.add(response)
  response.once('close', () => container?.followers.delete(response))
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
