/** Connections: how jobs and crawlers reach a database. */
import type { ConnectionInput, Connection as ConnectionOutput, TestConnectionInput } from '@aws-sdk/client-glue'
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors, NotImplemented } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { testConnection } from './databaseLooks.ts'
import { dateOf, glueArn } from './names.ts'
import { pageOf } from './pages.ts'
import { errorsOf } from './tables.ts'
import { putTags } from './tags.ts'

const { AlreadyExistsException, EntityNotFoundException, InvalidInputException } = awsErrors('glue')

export interface Connection {
  name: string
  input: ConnectionInput
  createdAt: Millis
  updatedAt: Millis
}

export const connections = collection<Connection>('glue/connections', { version: 1, key: ({ name }) => [name] })

export const connectionOperations = operations('glue', {
  async CreateConnection(input, ctx) {
    const wanted = checked(input.ConnectionInput)
    if (wanted.ValidateCredentials) await testConnection(ctx, wanted)
    await ctx.commit((tx) => {
      if (tx.in(connections).has(wanted.Name)) throw AlreadyExistsException('Connection already exists.')
      tx.in(connections).put({ name: wanted.Name, input: wanted, createdAt: tx.now, updatedAt: tx.now })
      putTags(tx, glueArn(ctx, 'connection', wanted.Name), input.Tags ?? {})
    })
    return { CreateConnectionStatus: 'READY' as const }
  },

  async UpdateConnection(input, ctx) {
    const wanted = checked(input.ConnectionInput)
    if (wanted.ValidateCredentials) await testConnection(ctx, wanted)
    await ctx.commit((tx) => {
      const there = mustGetConnection(tx, input.Name)
      tx.in(connections).put({ ...there, input: { ...wanted, Name: there.name }, updatedAt: tx.now })
    })
    return {}
  },

  async GetConnection(input, ctx) {
    return { Connection: connectionOutput(mustGetConnection(ctx, input.Name), input.HidePassword) }
  },

  async TestConnection(input, ctx) {
    const { ConnectionName, TestConnectionInput: given } = input
    if (given?.AuthenticationConfiguration)
      throw NotImplemented('glue: testing a connection with an AuthenticationConfiguration')
    if (!ConnectionName && !given) throw InvalidInputException('Either a connection or its properties must be given.')
    await testConnection(ctx, ConnectionName ? mustGetConnection(ctx, ConnectionName).input : inputOf(given))
    return {}
  },

  async GetConnections(input, ctx) {
    const { ConnectionType, MatchCriteria = [] } = input.Filter ?? {}
    const all = [...ctx.in(connections).list()].filter(
      ({ input: { ConnectionType: type, MatchCriteria: criteria = [] } }) =>
        (!ConnectionType || type === ConnectionType) && MatchCriteria.every((one) => criteria.includes(one)),
    )
    const { items, next } = pageOf(all, input)
    return { ConnectionList: items.map((connection) => connectionOutput(connection, input.HidePassword)), ...next }
  },

  async DeleteConnection(input, ctx) {
    await ctx.commit((tx) => deleteConnection(tx, input.ConnectionName))
    return {}
  },

  async BatchDeleteConnection(input, ctx) {
    const names = input.ConnectionNameList
    const outcome = await ctx.commit((tx) =>
      names.map((name) => ({ name, errors: errorsOf(() => deleteConnection(tx, name)) })),
    )
    const failed = outcome.filter(({ errors }) => errors.length > 0)
    return {
      Succeeded: outcome.filter(({ errors }) => errors.length === 0).map(({ name }) => name),
      ...(failed.length > 0 && {
        Errors: Object.fromEntries(failed.map(({ name, errors }) => [name, errors[0] ?? {}])),
      }),
    }
  },
})

/** Errors: EntityNotFoundException. */
function mustGetConnection(ctx: Pick<Context | Tx, 'in'>, name: string): Connection {
  const connection = ctx.in(connections).get(name)
  if (!connection) throw EntityNotFoundException(`Connection ${name} not found.`)
  return connection
}

function deleteConnection(tx: Tx, name: string): void {
  mustGetConnection(tx, name)
  tx.in(connections).delete(name)
  putTags(tx, glueArn(tx, 'connection', name), undefined)
}

function checked(input: ConnectionInput | undefined): ConnectionInput & { Name: string } {
  if (input?.AuthenticationConfiguration) throw NotImplemented('glue: a connection with an AuthenticationConfiguration')
  return input as ConnectionInput & { Name: string }
}

function inputOf(given: TestConnectionInput | undefined): ConnectionInput {
  return { Name: '', ConnectionType: given?.ConnectionType, ConnectionProperties: given?.ConnectionProperties }
}

function connectionOutput({ input, createdAt, updatedAt }: Connection, hidesPassword = false): ConnectionOutput {
  const {
    ValidateCredentials: _one,
    ValidateForComputeEnvironments: _two,
    AuthenticationConfiguration: _three,
    ...kept
  } = input
  const { PASSWORD: _password, ...open } = input.ConnectionProperties ?? {}
  return {
    ...kept,
    ConnectionProperties: hidesPassword ? open : (input.ConnectionProperties ?? {}),
    CreationTime: dateOf(createdAt),
    LastUpdatedTime: dateOf(updatedAt),
    Status: 'READY',
    ConnectionSchemaVersion: 1,
  }
}
