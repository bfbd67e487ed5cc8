/**
 * Connections: how API destinations authorize. What is secret lies in a secret of Secrets Manager that EventBridge owns;
 * an OAuth connection is AUTHORIZING until its token endpoint has answered (connectionWork.ts).
 */
import type { ConnectionAuthResponseParameters, UpdateConnectionRequest } from '@aws-sdk/client-eventbridge'
import type { Millis } from '../../clock.ts'
import type { Arn } from '../../delivery/arn.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { collection, type Records, type Scope } from '../../store/collection.ts'
import { awsErrors, NotImplemented } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import {
  type AuthorizationType,
  type AuthParameters,
  checkParameters,
  merged,
  shownParameters,
} from './connectionParameters.ts'
import { createSecret, deleteSecret, readSecret, writeSecret } from './connectionSecrets.ts'
import { connectionWork } from './connectionWork.ts'
import { checkKey } from './kmsKeys.ts'
import { pageOf } from './pages.ts'

export interface Connection {
  name: string
  /** The last part of its ARN: a connection that was deleted and made again is another one. */
  uuid: string
  state: 'AUTHORIZED' | 'DEAUTHORIZED' | 'AUTHORIZING' | 'DEAUTHORIZING'
  stateReason?: string
  authorizationType: AuthorizationType
  /** Without its secrets, as DescribeConnection shows them. */
  parameters: ConnectionAuthResponseParameters
  secretArn?: Arn
  description?: string
  kmsKeyIdentifier?: string
  createdAt: Millis
  modifiedAt: Millis
  authorizedAt?: Millis
}

export const connections = collection<Connection>('eventbridge/connections', { version: 1, key: ({ name }) => [name] })

const { ResourceAlreadyExistsException, ResourceNotFoundException } = awsErrors('eventbridge')

export function connectionArn({ name, uuid }: Pick<Connection, 'name' | 'uuid'>, { account, region }: Scope): Arn {
  return `arn:aws:events:${region}:${account}:connection/${name}/${uuid}`
}

/** Errors: ResourceNotFoundException. */
export function mustGetConnection(records: Records<Connection>, name: string): Connection {
  const connection = records.get(name)
  if (!connection) throw ResourceNotFoundException(`Connection '${name}' does not exist.`)
  return connection
}

export const connectionOperations = operations('eventbridge', {
  async CreateConnection(input, ctx) {
    const { Name: name, AuthorizationType: type, AuthParameters: parameters } = input
    if (input.InvocationConnectivityParameters) throw privateEndpoints()
    checkParameters(type, parameters)
    if (ctx.in(connections).has(name)) throw exists(name)
    await checkKey(ctx, input.KmsKeyIdentifier)
    const uuid = ctx.random.uuid()
    const secretArn = await createSecret(ctx, `${name}/${uuid}`, parameters, input.KmsKeyIdentifier)
    const now = ctx.clock.now()
    const connection: Connection = {
      name,
      uuid,
      ...authorization(type, parameters, now),
      secretArn,
      createdAt: now,
      modifiedAt: now,
      ...(input.Description !== undefined && { description: input.Description }),
      ...(input.KmsKeyIdentifier !== undefined && { kmsKeyIdentifier: input.KmsKeyIdentifier }),
    }
    const isTaken = await ctx.commit((tx) => {
      if (tx.in(connections).has(name)) return true
      saveConnection(tx, connection)
      return false
    })
    if (isTaken) {
      await deleteSecret(ctx, secretArn)
      throw exists(name)
    }
    return answer(connection, ctx)
  },

  async UpdateConnection(input, ctx) {
    if (input.InvocationConnectivityParameters) throw privateEndpoints()
    const before = mustGetConnection(ctx.in(connections), input.Name)
    await checkKey(ctx, input.KmsKeyIdentifier)
    const connection = await withParameters(before, input, ctx)
    await ctx.commit((tx) => {
      mustGetConnection(tx.in(connections), input.Name)
      saveConnection(tx, connection)
    })
    return answer(connection, ctx)
  },

  async DeauthorizeConnection(input, ctx) {
    const connection = await ctx.commit((tx) => {
      const { secretArn, ...before } = mustGetConnection(tx.in(connections), input.Name)
      const after: Connection = { ...before, state: secretArn ? 'DEAUTHORIZING' : 'DEAUTHORIZED', modifiedAt: tx.now }
      tx.in(connections).put(after)
      if (secretArn) discard(tx, after, secretArn)
      return after
    })
    return answer(connection, ctx)
  },

  async DeleteConnection(input, ctx) {
    const connection = await ctx.commit((tx) => {
      const before = mustGetConnection(tx.in(connections), input.Name)
      tx.in(connections).delete(before.name)
      if (before.secretArn) discard(tx, before, before.secretArn)
      return before
    })
    return { ...answer(connection, ctx), ConnectionState: 'DELETING' as const }
  },

  async DescribeConnection(input, ctx) {
    const connection = mustGetConnection(ctx.in(connections), input.Name)
    const { description, secretArn, kmsKeyIdentifier, parameters } = connection
    return {
      ...summary(connection, ctx),
      AuthParameters: parameters,
      ...(description !== undefined && { Description: description }),
      ...(secretArn !== undefined && { SecretArn: secretArn }),
      ...(kmsKeyIdentifier !== undefined && { KmsKeyIdentifier: kmsKeyIdentifier }),
    }
  },

  async ListConnections(input, ctx) {
    const all = [...ctx.in(connections).list({ startsWith: input.NamePrefix ?? '' })]
    const wanted = all.filter(({ state }) => input.ConnectionState === undefined || state === input.ConnectionState)
    const { items, nextToken } = pageOf(wanted, ({ name }) => [name], { token: input.NextToken, limit: input.Limit })
    return { Connections: items.map((each) => summary(each, ctx)), ...(nextToken && { NextToken: nextToken }) }
  },
})

async function withParameters(before: Connection, input: UpdateConnectionRequest, ctx: Context): Promise<Connection> {
  const { AuthorizationType: type = before.authorizationType, AuthParameters: given, KmsKeyIdentifier: key } = input
  const described: Connection = {
    ...before,
    modifiedAt: ctx.clock.now(),
    ...(input.Description !== undefined && { description: input.Description }),
    ...(key !== undefined && { kmsKeyIdentifier: key }),
  }
  if (!given && type === before.authorizationType && before.state !== 'DEAUTHORIZED') return described
  const kept = before.secretArn ? (await readSecret(ctx, before.secretArn)).parameters : undefined
  const parameters = merged(type === before.authorizationType ? kept : undefined, type, given)
  checkParameters(type, parameters)
  const secretArn = before.secretArn
    ? await writeSecret(ctx, before.secretArn, { parameters })
    : await createSecret(ctx, `${before.name}/${ctx.random.uuid()}`, parameters, key)
  const { stateReason: _, ...rest } = described
  return { ...rest, secretArn, ...authorization(type, parameters, ctx.clock.now()) }
}

/** What needs no token is authorized at once. */
function authorization(type: AuthorizationType, parameters: AuthParameters, now: Millis) {
  const shown = { authorizationType: type, parameters: shownParameters(parameters) }
  if (type === 'OAUTH_CLIENT_CREDENTIALS') return { ...shown, state: 'AUTHORIZING' as const }
  return { ...shown, state: 'AUTHORIZED' as const, authorizedAt: now }
}

function saveConnection(tx: Tx, connection: Connection): void {
  const { name, uuid, state } = connection
  tx.in(connections).put(connection)
  if (state !== 'AUTHORIZING') return
  // Each authorization is a row of its own: one that is under way knows nothing of what was changed meanwhile.
  tx.due(connectionWork).put({ id: `${uuid}/${tx.random.uuid()}`, dueAt: tx.now, kind: 'authorize', name, uuid })
}

function discard(tx: Tx, { uuid, name }: Connection, secretArn: Arn): void {
  tx.due(connectionWork).put({ id: secretArn, dueAt: tx.now, kind: 'discard', secretArn, name, uuid })
}

function times({ createdAt, modifiedAt, authorizedAt }: Connection) {
  return {
    CreationTime: new Date(createdAt),
    LastModifiedTime: new Date(modifiedAt),
    ...(authorizedAt !== undefined && { LastAuthorizedTime: new Date(authorizedAt) }),
  }
}

function answer(connection: Connection, ctx: Context) {
  return {
    ConnectionArn: connectionArn(connection, ctx),
    ConnectionState: connection.state,
    ...times(connection),
  }
}

function summary(connection: Connection, ctx: Context) {
  const { name, authorizationType, stateReason } = connection
  return {
    Name: name,
    AuthorizationType: authorizationType,
    ...answer(connection, ctx),
    ...(stateReason !== undefined && { StateReason: stateReason }),
  }
}

function exists(name: string): Error {
  return ResourceAlreadyExistsException(`Connection '${name}' already exists.`)
}

function privateEndpoints(): Error {
  return NotImplemented('A connection of EventBridge with InvocationConnectivityParameters')
}
