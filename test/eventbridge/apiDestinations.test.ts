/** API destinations as they are called: authorization, parameters, headers, over HTTP and HTTPS. */
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateApiDestinationCommand,
  DeleteApiDestinationCommand,
  DescribeApiDestinationCommand,
  EventBridgeClient,
  ListApiDestinationsCommand,
  PutEventsCommand,
  PutTargetsCommand,
  UpdateApiDestinationCommand,
} from '@aws-sdk/client-eventbridge'
import { describe, expect, onTestFinished } from 'vitest'
import { certificateOf } from '../../src/services/sns/certificates.ts'
import { startIgarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { deadLetters, putEvents, sendingTo } from './destinations.ts'
import { type Answer, type WebServer, webServer } from './webServer.ts'

async function serving(...answers: Answer[]): Promise<WebServer> {
  const web = await webServer(answers.length > 0 ? answers : [{}])
  onTestFinished(() => web.close())
  return web
}

describe('a request', () => {
  test('carries the event with the headers that EventBridge sends', async ({ igarape }) => {
    const web = await serving()
    await sendingTo(igarape, `${web.url}/orders`)
    await putEvents(igarape, { id: 7 })
    await igarape.settled()

    const [asked] = web.asked
    expect(web.asked).toHaveLength(1)
    expect(asked).toMatchObject({ method: 'POST', url: '/orders' })
    expect(JSON.parse(asked?.body ?? '')).toMatchObject({ source: 'app', 'detail-type': 'sale', detail: { id: 7 } })
    expect(asked?.headers).toEqual({
      'user-agent': 'Amazon/EventBridge/ApiDestinations',
      'content-type': 'application/json; charset=utf-8',
      range: 'bytes=0-1048575',
      'accept-encoding': 'gzip,deflate',
      connection: 'close',
      'content-length': String(Buffer.byteLength(asked?.body ?? '')),
      host: new URL(web.url).host,
      'x-key': 'secret-value',
    })
  })

  test('fills path, header and query from the target, with values and JSON paths', async ({ igarape }) => {
    const web = await serving()
    await sendingTo(igarape, `${web.url}/stores/*/sales/*?v=1`, {
      destination: { HttpMethod: 'PUT' },
      target: {
        InputPath: '$.detail',
        HttpParameters: {
          PathParameterValues: ['loja 1/2', '$.detail.id'],
          HeaderParameters: { 'X-Kind': '$.detail-type', 'X-Fixed': 'yes' },
          QueryStringParameters: { id: '$.detail.id', none: '$.detail.none' },
        },
      },
    })
    await putEvents(igarape, { id: 7 })
    await igarape.settled()

    expect(web.asked[0]).toMatchObject({ method: 'PUT', url: '/stores/loja%201%2F2/sales/7?v=1&id=7&none=' })
    expect(web.asked[0]?.headers).toMatchObject({ 'x-kind': 'sale', 'x-fixed': 'yes' })
    expect(web.asked[0]?.body).toBe('{"id":7}')
  })

  test('takes parameters of the connection before those of the target, and no header of the transport', async ({
    igarape,
  }) => {
    const web = await serving()
    const parameters = {
      HeaderParameters: [
        { Key: 'X-Tenant', Value: 'connection', IsValueSecret: true },
        { Key: 'User-Agent', Value: 'curl' },
        { Key: 'Content-Type', Value: 'application/cloudevents+json' },
      ],
      QueryStringParameters: [{ Key: 'q', Value: 'connection' }],
      BodyParameters: [{ Key: 'token', Value: 't', IsValueSecret: true }],
    }
    await sendingTo(igarape, web.url, {
      connection: {
        AuthorizationType: 'BASIC',
        AuthParameters: {
          BasicAuthParameters: { Username: 'ana', Password: 'senha' },
          InvocationHttpParameters: parameters,
        },
      },
      target: {
        InputPath: '$.detail',
        HttpParameters: {
          HeaderParameters: { 'x-tenant': 'target', 'if-match': '*' },
          QueryStringParameters: { q: 'target', r: '2' },
        },
      },
    })
    const Entries = [{ Source: 'app', DetailType: 'sale', Detail: '{"id":7.0,"token":"event"}' }]
    await igarape.client(EventBridgeClient).send(new PutEventsCommand({ Entries }))
    await igarape.settled()

    const [asked] = web.asked
    expect(asked?.url).toBe('/?q=connection&r=2')
    expect(asked?.body).toBe('{"id":7.0,"token":"t"}')
    expect(asked?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from('ana:senha').toString('base64')}`,
      'x-tenant': 'connection',
      'content-type': 'application/cloudevents+json',
      'user-agent': 'Amazon/EventBridge/ApiDestinations',
    })
    expect(asked?.headers).not.toHaveProperty('if-match')
  })

  test('is a hop of the trace of its event, with its answer and its price', async ({ igarape }) => {
    const web = await serving({ status: 202 })
    await sendingTo(igarape, `${web.url}/orders`)
    await putEvents(igarape, { id: 7 })
    await igarape.settled()
    const asked = async (path: string) =>
      (await (await fetch(`${igarape.endpoint}/_igarape/traces${path}`)).json()) as object
    const { traces } = (await asked('?limit=1')) as { traces: { traceId: string }[] }
    const trace = (await asked(`/${traces[0]?.traceId}`)) as { roots: object[]; costUsd: number }

    expect(JSON.stringify(trace.roots)).toContain('"action":"POST API destination"')
    expect(trace.costUsd).toBeCloseTo(2e-7, 12)
  })

  test('of GET has no body', async ({ igarape }) => {
    const web = await serving()
    await sendingTo(igarape, web.url, { destination: { HttpMethod: 'GET' } })
    await putEvents(igarape, { id: 7 })
    await igarape.settled()

    expect(web.asked[0]).toMatchObject({ method: 'GET', body: '' })
    expect(web.asked[0]?.headers).not.toHaveProperty('content-type')
  })
})

test('HTTPS is spoken with whom an authority vouches for by name, and with nobody else', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'igarape-ca-'))
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const cert = certificateOf(privateKey, 'localhost')
  writeFileSync(join(folder, 'ca.pem'), cert)
  const web = await webServer([{}], { key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string, cert })
  const trusting = await startIgarape({ options: { caBundle: join(folder, 'ca.pem') } })
  const wary = await startIgarape()
  onTestFinished(async () => {
    await Promise.all([trusting.stop(), wary.stop(), web.close()])
    rmSync(folder, { recursive: true })
  })
  const byName = web.url.replace('127.0.0.1', 'localhost')
  const target = { RetryPolicy: { MaximumRetryAttempts: 0 } }

  for (const igarape of [wary, trusting]) {
    await sendingTo(igarape, byName, { target })
    await putEvents(igarape, { id: 7 })
    await igarape.settled()
  }
  expect(await deadLetters(wary)).toMatchObject([{ ERROR_CODE: 'CONNECTION_FAILURE' }])
  expect(await deadLetters(trusting)).toEqual([])
  expect(web.asked).toHaveLength(1)

  const toAddress = new UpdateApiDestinationCommand({ Name: 'orders', InvocationEndpoint: web.url })
  await trusting.client(EventBridgeClient).send(toAddress)
  await putEvents(trusting, { id: 8 })
  await trusting.settled()
  expect(await deadLetters(trusting)).toMatchObject([{ ERROR_CODE: 'CONNECTION_FAILURE' }])
  expect(web.asked).toHaveLength(1)
})

describe('the operations', () => {
  test('make, show, list, change and delete destinations', async ({ igarape }) => {
    const events = igarape.client(EventBridgeClient)
    const { arn } = await sendingTo(igarape, 'https://example.com/a')
    const shown = await events.send(new DescribeApiDestinationCommand({ Name: 'orders' }))

    expect(arn).toMatch(/^arn:aws:events:us-east-1:000000000000:api-destination\/orders\/[0-9a-f-]{36}$/)
    expect(shown).toMatchObject({
      ApiDestinationState: 'ACTIVE',
      InvocationRateLimitPerSecond: 300,
      HttpMethod: 'POST',
    })
    await events.send(
      new UpdateApiDestinationCommand({ Name: 'orders', HttpMethod: 'PATCH', InvocationRateLimitPerSecond: 2 }),
    )
    const { ApiDestinations } = await events.send(new ListApiDestinationsCommand({ NamePrefix: 'ord' }))
    expect(ApiDestinations).toMatchObject([
      {
        Name: 'orders',
        HttpMethod: 'PATCH',
        InvocationRateLimitPerSecond: 2,
        InvocationEndpoint: 'https://example.com/a',
      },
    ])
    await events.send(new DeleteApiDestinationCommand({ Name: 'orders' }))
    await expect(events.send(new DescribeApiDestinationCommand({ Name: 'orders' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: "An api-destination 'orders' does not exist.",
    })
  })

  test('refuse what is there, what is not, and what is no address', async ({ igarape }) => {
    const events = igarape.client(EventBridgeClient)
    await sendingTo(igarape, 'https://example.com/a')
    const { ConnectionArn } = await events.send(new DescribeApiDestinationCommand({ Name: 'orders' }))
    const create = (more: object) =>
      events.send(
        new CreateApiDestinationCommand({
          Name: 'new',
          ConnectionArn,
          InvocationEndpoint: 'https://example.com',
          HttpMethod: 'POST',
          ...more,
        }),
      )

    await expect(create({ Name: 'orders' })).rejects.toMatchObject({ name: 'ResourceAlreadyExistsException' })
    const gone = `${ConnectionArn}`.replace('partner', 'nobody')
    await expect(create({ ConnectionArn: gone })).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
    await expect(create({ InvocationEndpoint: 'ftp://example.com' })).rejects.toMatchObject({
      name: 'ValidationException',
    })
    await expect(create({ HttpMethod: 'TRACE' })).rejects.toMatchObject({ name: 'ValidationException' })
  })

  test('a target of a rule needs a role', async ({ igarape }) => {
    const { arn } = await sendingTo(igarape, 'https://example.com/a')
    const put = igarape
      .client(EventBridgeClient)
      .send(new PutTargetsCommand({ Rule: 'out', Targets: [{ Id: 'other', Arn: arn }] }))

    await expect(put).rejects.toMatchObject({ message: `RoleArn is required for target ${arn}.` })
  })
})
