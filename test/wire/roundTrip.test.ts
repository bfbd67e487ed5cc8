/**
 * Every operation of every service through the real JavaScript clients: what the client sends is what the handler
 * gets, what the handler answers is what the client returns, and each error arrives as the client's own class.
 */

import { NodeHttpHandler } from '@smithy/node-http-handler'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AwsError } from '../../src/wire/errors.ts'
import { routingRows } from '../../src/wire/generated/routing.ts'
import { loadModel, type Operation, type ServiceModel } from '../../src/wire/model.ts'
import { RandomValues, seeded } from './random.ts'
import { answerable, expectedInput, expectedOutput, normalInput, readOutput, sendable } from './roundTripValues.ts'
import { startWireServer, type WireServer } from './server.ts'

const roundsEach = Number(process.env.IGARAPE_WIRE_ROUNDS ?? 2)
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
let wire: WireServer

beforeAll(async () => {
  wire = await startWireServer()
  wire.checks = false
})
afterAll(() => wire.close())

// biome-ignore lint/suspicious/noExplicitAny: clients and commands are looked up by name
type Client = any

describe.each(routingRows.map((row) => row.service))('%s', (service) => {
  const model = loadModel(service)

  test('hands every operation to its handler and back', async () => {
    const { client, module } = await clientOf(service)
    const failures: string[] = []
    for (const name of model.operationNames()) {
      for (let round = 0; round < roundsEach; round++) {
        const failure = await roundTrip(client, module, model, model.operation(name)!, round)
        if (failure) failures.push(`${name} (${round}): ${failure}`)
      }
    }
    client.destroy()
    expect(failures).toEqual([])
  }, 120_000)

  test('gives every error to the client as its own class', async () => {
    const { client, module } = await clientOf(service)
    const failures: string[] = []
    for (const name of model.operationNames()) {
      const operation = model.operation(name)!
      for (const error of operation.errors) {
        // It shares its query code with another, by which the client names it.
        if (error === 'DashboardNotFoundError') continue
        const failure = await errorTrip(client, module, model, operation, error)
        if (failure) failures.push(`${name} ${error}: ${failure}`)
      }
    }
    client.destroy()
    expect(failures).toEqual([])
  }, 120_000)
})

async function clientOf(service: string): Promise<{ client: Client; module: Client }> {
  const module: Client = await import(`@aws-sdk/client-${service}`)
  const name = Object.keys(module).find((key) => key.endsWith('Client') && key !== '__Client')!
  const client = new module[name]({
    endpoint: wire.url,
    region: 'us-east-1',
    credentials,
    requestHandler: new NodeHttpHandler(),
    maxAttempts: 1,
    disableHostPrefix: true,
    forcePathStyle: true,
    disableRequestCompression: true,
    useAccountIdEndpoint: false,
    accountIdEndpointMode: 'disabled',
    ...(service === 'sqs' ? { md5: false } : {}),
    responseChecksumValidation: 'WHEN_REQUIRED',
    disableS3ExpressSessionAuth: true,
  })
  return { client, module }
}

async function roundTrip(client: Client, module: Client, model: ServiceModel, operation: Operation, round: number) {
  const values = new RandomValues(seeded(round * 7919 + operation.name.length * 31 + model.service.length))
  const input = sendable(operation, operation.input ? values.structure(operation.input) : {})
  const output = answerable(operation, operation.output ? values.structure(operation.output) : {})
  wire.calls.length = 0
  wire.answer = () => output
  let result: unknown
  try {
    result = await client.send(new module[`${operation.name}Command`](input))
  } catch (error) {
    return `the client failed: ${(error as Error).name} ${(error as Error).message} ${JSON.stringify((error as { $response?: { body?: unknown } }).$response?.body)?.slice(0, 300)}`
  }
  const call = wire.calls[0]
  if (!call) return 'nothing arrived'
  if (call.operation !== operation.name || call.service !== model.service)
    return `arrived as ${call.service} ${call.operation}`
  try {
    expect(normalInput(operation, call.input)).toEqual(expectedInput(operation, input))
    expect(await readOutput(operation, result as Record<string, unknown>)).toEqual(expectedOutput(operation, output))
  } catch (error) {
    return `${(error as Error).message.split('\n')[0]} ${JSON.stringify((error as { actual?: unknown }).actual)} ${JSON.stringify((error as { expected?: unknown }).expected)}`.slice(
      0,
      3000,
    )
  }
  return undefined
}

async function errorTrip(client: Client, module: Client, model: ServiceModel, operation: Operation, name: string) {
  const values = new RandomValues(seeded(name.length))
  const shape = model.shape(name)
  const raw = shape.raw.error!
  const input = sendable(operation, operation.input ? values.structure(operation.input) : {})
  wire.answer = () => new AwsError(name, 'Something <is> wrong & "named"', raw[1]!, {})
  try {
    await client.send(new module[`${operation.name}Command`](input))
  } catch (caught) {
    const error = caught as Error & { $metadata?: { httpStatusCode?: number } }
    const { method } = operation.http ?? { method: 'POST' }
    // An answer to HEAD has no body, so its client only knows the status.
    if (method === 'HEAD') return error.$metadata?.httpStatusCode === raw[1] ? undefined : 'wrong status'
    const found = `${error.name} ${error.$metadata?.httpStatusCode} ${error.message}`
    const isQuery = model.protocols[0] === 'query'
    const status = isQuery ? (raw[3] ?? raw[1]) : raw[1]
    const wanted = `${name} ${status} Something <is> wrong & "named"`
    return found === wanted ? undefined : `got ${found}`
  }
  return 'no error came'
}
