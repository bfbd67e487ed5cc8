/** API destinations: a web endpoint, the method and the rate it is called with, and the connection that authorizes. */
import type { Millis } from '../../clock.ts'
import { type Arn, parseArn } from '../../delivery/arn.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { collection, type Records, type Scope } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { checkWebAddress } from './connectionParameters.ts'
import { type Connection, connectionArn, connections } from './connections.ts'
import { pageOf } from './pages.ts'
import { rates } from './rates.ts'

export type WebMethod = 'POST' | 'GET' | 'HEAD' | 'OPTIONS' | 'PUT' | 'PATCH' | 'DELETE'

export interface ApiDestination {
  name: string
  uuid: string
  connectionArn: Arn
  endpoint: string
  method: WebMethod
  ratePerSecond: number
  description?: string
  createdAt: Millis
  modifiedAt: Millis
}

export const apiDestinations = collection<ApiDestination>('eventbridge/api-destinations', {
  version: 1,
  key: ({ name }) => [name],
})

const { ResourceAlreadyExistsException, ResourceNotFoundException } = awsErrors('eventbridge')
/** AWS's default, and its quota. */
const ratePerSecondDefault = 300

export function apiDestinationArn(
  { name, uuid }: Pick<ApiDestination, 'name' | 'uuid'>,
  { account, region }: Scope,
): Arn {
  return `arn:aws:events:${region}:${account}:api-destination/${name}/${uuid}`
}

/** By the ARN of a target; undefined also where one of that name was made anew. */
export function apiDestinationAt(place: Pick<Context | Tx, 'in'>, arn: Arn): ApiDestination | undefined {
  const [, name = '', uuid] = parseArn(arn)?.resource.split('/') ?? []
  const found = place.in(apiDestinations).get(name)
  return found?.uuid === uuid ? found : undefined
}

/** The connection that authorizes; undefined where it is gone. */
export function connectionOf(
  place: Pick<Context | Tx, 'in'>,
  { connectionArn }: ApiDestination,
): Connection | undefined {
  const [, name = '', uuid] = parseArn(connectionArn)?.resource.split('/') ?? []
  const found = place.in(connections).get(name)
  return found?.uuid === uuid ? found : undefined
}

export const apiDestinationOperations = operations('eventbridge', {
  async CreateApiDestination(input, ctx) {
    const name = input.Name
    checkWebAddress('InvocationEndpoint', input.InvocationEndpoint)
    const now = ctx.clock.now()
    const destination: ApiDestination = {
      name,
      uuid: ctx.random.uuid(),
      connectionArn: input.ConnectionArn,
      endpoint: input.InvocationEndpoint,
      method: input.HttpMethod,
      ratePerSecond: input.InvocationRateLimitPerSecond ?? ratePerSecondDefault,
      createdAt: now,
      modifiedAt: now,
      ...(input.Description !== undefined && { description: input.Description }),
    }
    await ctx.commit((tx) => {
      if (tx.in(apiDestinations).has(name)) {
        throw ResourceAlreadyExistsException(`An api-destination '${name}' already exists.`)
      }
      mustHaveConnection(tx, input.ConnectionArn)
      tx.in(apiDestinations).put(destination)
    })
    return answer(destination, ctx)
  },

  async UpdateApiDestination(input, ctx) {
    if (input.InvocationEndpoint !== undefined) checkWebAddress('InvocationEndpoint', input.InvocationEndpoint)
    const destination = await ctx.commit((tx) => {
      const before = mustGetDestination(tx.in(apiDestinations), input.Name)
      if (input.ConnectionArn !== undefined) mustHaveConnection(tx, input.ConnectionArn)
      const after: ApiDestination = {
        ...before,
        modifiedAt: tx.now,
        connectionArn: input.ConnectionArn ?? before.connectionArn,
        endpoint: input.InvocationEndpoint ?? before.endpoint,
        method: input.HttpMethod ?? before.method,
        ratePerSecond: input.InvocationRateLimitPerSecond ?? before.ratePerSecond,
        ...(input.Description !== undefined && { description: input.Description }),
      }
      tx.in(apiDestinations).put(after)
      return after
    })
    return answer(destination, ctx)
  },

  async DeleteApiDestination(input, ctx) {
    await ctx.commit((tx) => {
      const destination = mustGetDestination(tx.in(apiDestinations), input.Name)
      tx.in(apiDestinations).delete(input.Name)
      tx.in(rates).delete(apiDestinationArn(destination, tx))
    })
    return {}
  },

  async DescribeApiDestination(input, ctx) {
    const destination = mustGetDestination(ctx.in(apiDestinations), input.Name)
    const { description } = destination
    return { ...summary(destination, ctx), ...(description !== undefined && { Description: description }) }
  },

  async ListApiDestinations(input, ctx) {
    const all = [...ctx.in(apiDestinations).list({ startsWith: input.NamePrefix ?? '' })]
    const wanted = all.filter((each) => input.ConnectionArn === undefined || each.connectionArn === input.ConnectionArn)
    const { items, nextToken } = pageOf(wanted, ({ name }) => [name], { token: input.NextToken, limit: input.Limit })
    return { ApiDestinations: items.map((each) => summary(each, ctx)), ...(nextToken && { NextToken: nextToken }) }
  },
})

/** Errors: ResourceNotFoundException. */
function mustGetDestination(records: Records<ApiDestination>, name: string): ApiDestination {
  const destination = records.get(name)
  if (!destination) throw ResourceNotFoundException(`An api-destination '${name}' does not exist.`)
  return destination
}

function mustHaveConnection(tx: Tx, arn: Arn): void {
  const name = parseArn(arn)?.resource.split('/')[1] ?? ''
  const connection = tx.in(connections).get(name)
  if (connection && connectionArn(connection, tx) === arn) return
  throw ResourceNotFoundException(`Connection '${name}' does not exist.`)
}

function answer(destination: ApiDestination, ctx: Context) {
  const { createdAt, modifiedAt } = destination
  const isActive = connectionOf(ctx, destination)?.state === 'AUTHORIZED'
  return {
    ApiDestinationArn: apiDestinationArn(destination, ctx),
    ApiDestinationState: isActive ? ('ACTIVE' as const) : ('INACTIVE' as const),
    CreationTime: new Date(createdAt),
    LastModifiedTime: new Date(modifiedAt),
  }
}

function summary(destination: ApiDestination, ctx: Context) {
  return {
    Name: destination.name,
    ...answer(destination, ctx),
    ConnectionArn: destination.connectionArn,
    InvocationEndpoint: destination.endpoint,
    HttpMethod: destination.method,
    InvocationRateLimitPerSecond: destination.ratePerSecond,
  }
}
