/** Connections: their states, their secrets, and the tokens that OAuth connections are authorized with. */
import {
  CreateConnectionCommand,
  type CreateConnectionCommandInput,
  DeauthorizeConnectionCommand,
  DeleteConnectionCommand,
  DescribeApiDestinationCommand,
  DescribeConnectionCommand,
  EventBridgeClient,
  ListConnectionsCommand,
  UpdateConnectionCommand,
} from '@aws-sdk/client-eventbridge'
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { describe, expect, onTestFinished } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { apiKey, deadLetters, putEvents, sendingTo } from './destinations.ts'
import { type Answer, type WebServer, webServer } from './webServer.ts'

async function serving(...answers: Answer[]): Promise<WebServer> {
  const web = await webServer(answers.length > 0 ? answers : [{}])
  onTestFinished(() => web.close())
  return web
}

const token = (access_token: string, expires_in?: number): Answer => ({
  body: JSON.stringify({ access_token, token_type: 'Bearer', expires_in }),
})

function oauth(endpoint: string, more: object = {}): Partial<CreateConnectionCommandInput> {
  return {
    AuthorizationType: 'OAUTH_CLIENT_CREDENTIALS',
    AuthParameters: {
      OAuthParameters: {
        AuthorizationEndpoint: `${endpoint}/token`,
        HttpMethod: 'POST',
        ClientParameters: { ClientID: 'client', ClientSecret: 'hush' },
        ...more,
      },
    },
  }
}

const describeIt = (igarape: Igarape) =>
  igarape.client(EventBridgeClient).send(new DescribeConnectionCommand({ Name: 'partner' }))

const secrets = async (igarape: Igarape) =>
  (await igarape.client(SecretsManagerClient).send(new ListSecretsCommand({}))).SecretList ?? []

const bearers = (web: WebServer) => web.asked.map(({ headers }) => headers.authorization)

describe('a connection', () => {
  test('keeps what is secret in a secret that EventBridge owns, and shows the rest', async ({ igarape }) => {
    const events = igarape.client(EventBridgeClient)
    const parameters = {
      ...apiKey.AuthParameters,
      InvocationHttpParameters: {
        HeaderParameters: [
          { Key: 'X-Open', Value: 'seen', IsValueSecret: false },
          { Key: 'X-Secret', Value: 'unseen', IsValueSecret: true },
        ],
      },
    }
    const made = await events.send(
      new CreateConnectionCommand({ Name: 'partner', ...apiKey, AuthParameters: parameters, Description: 'ours' }),
    )
    const shown = await describeIt(igarape)

    expect(made).toMatchObject({
      ConnectionState: 'AUTHORIZED',
      ConnectionArn: expect.stringMatching(
        /^arn:aws:events:us-east-1:000000000000:connection\/partner\/[0-9a-f-]{36}$/,
      ),
    })
    expect(shown).toMatchObject({
      Description: 'ours',
      AuthorizationType: 'API_KEY',
      SecretArn: expect.stringMatching(/:secret:events!connection\/partner\/[0-9a-f-]{36}-\w{6}$/),
      LastAuthorizedTime: expect.any(Date),
    })
    expect(shown.AuthParameters).toEqual({
      ApiKeyAuthParameters: { ApiKeyName: 'X-Key' },
      InvocationHttpParameters: {
        HeaderParameters: [
          { Key: 'X-Open', Value: 'seen', IsValueSecret: false },
          { Key: 'X-Secret', IsValueSecret: true },
        ],
      },
    })
    const manager = igarape.client(SecretsManagerClient)
    const SecretId = shown.SecretArn
    expect(await manager.send(new DescribeSecretCommand({ SecretId }))).toMatchObject({ OwningService: 'events' })
    const { SecretString = '' } = await manager.send(new GetSecretValueCommand({ SecretId }))
    expect(JSON.parse(SecretString).parameters.ApiKeyAuthParameters.ApiKeyValue).toBe('secret-value')
  })

  test('that is updated authorizes with what is new, and keeps what is not named', async ({ igarape }) => {
    const web = await serving()
    const basic = { BasicAuthParameters: { Username: 'ana', Password: 'old' } }
    const connection = { AuthorizationType: 'BASIC', AuthParameters: basic } as const
    await sendingTo(igarape, web.url, { connection })
    const update = new UpdateConnectionCommand({
      Name: 'partner',
      AuthParameters: { BasicAuthParameters: { Password: 'new' } },
    })
    await igarape.client(EventBridgeClient).send(update)
    await putEvents(igarape, {})
    await igarape.settled()

    expect(bearers(web)).toEqual([`Basic ${Buffer.from('ana:new').toString('base64')}`])
  })

  test('that is deauthorized has no secret; its destinations refuse until it is updated', async ({ igarape }) => {
    const events = igarape.client(EventBridgeClient)
    const web = await serving()
    await sendingTo(igarape, web.url)
    const stopped = await events.send(new DeauthorizeConnectionCommand({ Name: 'partner' }))
    await igarape.settled()
    expect(stopped.ConnectionState).toBe('DEAUTHORIZING')
    expect(await describeIt(igarape)).toMatchObject({ ConnectionState: 'DEAUTHORIZED' })
    expect(await secrets(igarape)).toEqual([])
    const destination = new DescribeApiDestinationCommand({ Name: 'orders' })
    expect((await events.send(destination)).ApiDestinationState).toBe('INACTIVE')
    await putEvents(igarape, { id: 1 })
    await igarape.settled()
    expect(await deadLetters(igarape)).toMatchObject([{ ERROR_CODE: 'NO_PERMISSIONS' }])

    await events.send(new UpdateConnectionCommand({ Name: 'partner', ...apiKey }))
    await putEvents(igarape, { id: 2 })
    await igarape.settled()
    expect(web.asked).toHaveLength(1)
    expect((await events.send(destination)).ApiDestinationState).toBe('ACTIVE')
  })

  test('that is deleted takes its secret with it', async ({ igarape }) => {
    const events = igarape.client(EventBridgeClient)
    await events.send(new CreateConnectionCommand({ Name: 'partner', ...apiKey }))
    const deleted = await events.send(new DeleteConnectionCommand({ Name: 'partner' }))
    await igarape.settled()

    expect(deleted.ConnectionState).toBe('DELETING')
    expect(await secrets(igarape)).toEqual([])
    await expect(describeIt(igarape)).rejects.toMatchObject({ message: "Connection 'partner' does not exist." })
  })

  test('is refused where its parameters are not those of its type', async ({ igarape }) => {
    const events = igarape.client(EventBridgeClient)
    const create = (more: object) => events.send(new CreateConnectionCommand({ Name: 'partner', ...apiKey, ...more }))
    await create({})

    await expect(create({})).rejects.toMatchObject({ name: 'ResourceAlreadyExistsException' })
    await expect(create({ Name: 'b', AuthorizationType: 'BASIC' })).rejects.toMatchObject({
      name: 'ValidationException',
    })
    const key = { Name: 'b', KmsKeyIdentifier: 'alias/none' }
    await expect(create(key)).rejects.toMatchObject({ name: 'ValidationException' })
    const ResourceParameters = {
      ResourceConfigurationArn:
        'arn:aws:vpc-lattice:us-east-1:000000000000:resourceconfiguration/rcfg-0123456789abcdef0',
    }
    const inner = { Name: 'b', InvocationConnectivityParameters: { ResourceParameters } }
    await expect(create(inner)).rejects.toMatchObject({ name: 'NotImplemented' })
    expect(await secrets(igarape)).toHaveLength(1)
  })

  test('is listed by name and state, page by page', async ({ igarape }) => {
    const events = igarape.client(EventBridgeClient)
    for (const Name of ['a1', 'a2', 'a3', 'b1']) await events.send(new CreateConnectionCommand({ Name, ...apiKey }))
    await events.send(new DeauthorizeConnectionCommand({ Name: 'a2' }))
    await igarape.settled()
    const list = async (input: object) => {
      const { Connections = [], NextToken } = await events.send(new ListConnectionsCommand(input))
      return { names: Connections.map(({ Name }) => Name), NextToken }
    }

    const first = await list({ NamePrefix: 'a', Limit: 2 })
    expect(first.names).toEqual(['a1', 'a2'])
    expect(await list({ NamePrefix: 'a', Limit: 2, NextToken: first.NextToken })).toEqual({ names: ['a3'] })
    expect((await list({ ConnectionState: 'DEAUTHORIZED' })).names).toEqual(['a2'])
  })
})

describe('OAuth', () => {
  test('a token is fetched once, and again only before it expires', async ({ igarape }) => {
    const [authority, web] = [await serving(token('one', 600), token('two', 600)), await serving()]
    await sendingTo(igarape, web.url, { connection: oauth(authority.url) })
    expect((await describeIt(igarape)).ConnectionState).toBe('AUTHORIZED')
    await putEvents(igarape, { id: 1 }, { id: 2 })
    await igarape.clock.advance({ seconds: 530 })
    await putEvents(igarape, { id: 3 })
    await igarape.settled()
    await igarape.clock.advance({ seconds: 20 })
    await putEvents(igarape, { id: 4 }, { id: 5 }, { id: 6 })
    await igarape.settled()

    expect(bearers(web)).toEqual([...Array(3).fill('Bearer one'), ...Array(3).fill('Bearer two')])
    expect(authority.asked).toHaveLength(2)
    expect(authority.asked[0]?.headers['content-type']).toBe('application/x-www-form-urlencoded; charset=UTF-8')
    expect(Object.fromEntries(new URLSearchParams(authority.asked[0]?.body))).toEqual({
      grant_type: 'client_credentials',
      client_id: 'client',
      client_secret: 'hush',
    })
  })

  test('a token that is refused is fetched anew, and the event tried again', async ({ igarape }) => {
    const [authority, web] = [await serving(token('one'), token('two')), await serving({ status: 401 }, {})]
    await sendingTo(igarape, web.url, { connection: oauth(authority.url) })
    await putEvents(igarape, { id: 1 })
    await igarape.clock.advance({ minutes: 1 })

    expect(bearers(web)).toEqual(['Bearer one', 'Bearer two'])
    expect(await deadLetters(igarape)).toEqual([])
  })

  test('parameters go to the authority by header, query and body; GET sends all in the query', async ({ igarape }) => {
    const authority = await serving(token('one'))
    const parameters = {
      HeaderParameters: [{ Key: 'X-Realm', Value: 'r' }],
      QueryStringParameters: [{ Key: 'v', Value: '2' }],
      BodyParameters: [{ Key: 'audience', Value: 'api', IsValueSecret: true }],
    }
    const events = igarape.client(EventBridgeClient)
    for (const HttpMethod of ['POST', 'GET']) {
      const connection = oauth(authority.url, { HttpMethod, OAuthHttpParameters: parameters })
      const input = { Name: HttpMethod, ...connection } as CreateConnectionCommandInput
      await events.send(new CreateConnectionCommand(input))
      await igarape.settled()
    }

    const [post, get] = authority.asked
    expect(post).toMatchObject({ method: 'POST', url: '/token?v=2', headers: { 'x-realm': 'r' } })
    expect(post?.body).toContain('audience=api')
    expect(get).toMatchObject({ method: 'GET', body: '' })
    expect(Object.fromEntries(new URL(get?.url ?? '', authority.url).searchParams)).toMatchObject({
      v: '2',
      audience: 'api',
      client_secret: 'hush',
    })
  })

  test.for<[string, Answer]>([
    ['answers an error', { status: 400, body: '{"error":"invalid_client"}' }],
    ['answers no JSON', { body: '<html>' }],
    ['answers no token', { body: '{"token_type":"Bearer"}' }],
    ['hangs up', { raw: (socket) => socket.end() }],
  ])('an authority that %s leaves the connection deauthorized, with the reason', async ([, answer], { igarape }) => {
    const authority = await serving(answer, token('late'))
    const events = igarape.client(EventBridgeClient)
    const input = { Name: 'partner', ...oauth(authority.url) } as CreateConnectionCommandInput
    expect(await events.send(new CreateConnectionCommand(input))).toMatchObject({ ConnectionState: 'AUTHORIZING' })
    await igarape.settled()
    expect(await describeIt(igarape)).toMatchObject({
      ConnectionState: 'DEAUTHORIZED',
      StateReason: expect.stringMatching(/authorization endpoint|socket hang up/),
    })

    await events.send(new UpdateConnectionCommand(input))
    await igarape.settled()
    const shown = await describeIt(igarape)
    expect(shown.ConnectionState).toBe('AUTHORIZED')
    expect(shown.StateReason).toBeUndefined()
  })

  test('an authority that is down later costs tries, not events', async ({ igarape }) => {
    const authority = await serving(token('one', 30), { status: 503 }, token('two', 600))
    const web = await serving()
    await sendingTo(igarape, web.url, { connection: oauth(authority.url) })
    await igarape.clock.advance({ minutes: 5 })
    await putEvents(igarape, { id: 1 })
    await igarape.clock.advance({ minutes: 1 })

    expect(bearers(web)).toEqual(['Bearer two'])
  })

  test('the port of the server itself is no authority', async ({ igarape }) => {
    const events = igarape.client(EventBridgeClient)
    const input = { Name: 'partner', ...oauth(`${igarape.endpoint}/_igarape/reset?`) } as CreateConnectionCommandInput
    await events.send(new CreateConnectionCommand(input))
    await igarape.settled()

    expect(await describeIt(igarape)).toMatchObject({ StateReason: expect.stringContaining('port of this server') })
  })
})
