/** Saved queries: text only, nothing runs. */
import type { QueryDefinition, QueryParameter } from '@aws-sdk/client-cloudwatch-logs'
import type { Millis } from '../../clock.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors, NotImplemented } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { pageOf } from './pages.ts'

const { LimitExceededException, ResourceNotFoundException } = awsErrors('cloudwatch-logs')

interface Definition {
  id: string
  name: string
  text: string
  groups: string[]
  parameters: QueryParameter[]
  modifiedAt: Millis
}

const definitions = collection<Definition>('logs/query-definitions', { version: 1, key: ({ id }) => [id] })

const definitionsMax = 1_000

export const definitionOperations = operations('cloudwatch-logs', {
  async PutQueryDefinition(input, ctx) {
    const { name, queryString: text, queryDefinitionId, queryLanguage = 'CWLI' } = input
    if (queryLanguage !== 'CWLI') throw NotImplemented(`PutQueryDefinition with the queryLanguage ${queryLanguage}`)
    const id = await ctx.commit((tx) => {
      if (queryDefinitionId !== undefined) {
        if (!tx.in(definitions).has(queryDefinitionId)) throw notFound()
      } else if (tx.in(definitions).count() >= definitionsMax) {
        throw LimitExceededException('Resource limit exceeded.')
      }
      const definition = { name, text, groups: input.logGroupNames ?? [], parameters: input.parameters ?? [] }
      const made = { id: queryDefinitionId ?? tx.random.uuid(), ...definition, modifiedAt: tx.now }
      tx.in(definitions).put(made)
      return made.id
    })
    return { queryDefinitionId: id }
  },

  async DescribeQueryDefinitions(input, ctx) {
    const {
      queryDefinitionNamePrefix = '',
      nextToken: token,
      maxResults: limit = 1_000,
      queryLanguage = 'CWLI',
    } = input
    const found = [...ctx.in(definitions).list()]
      .filter(({ name }) => queryLanguage === 'CWLI' && name.startsWith(queryDefinitionNamePrefix))
      .sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1))
    const { items, nextToken } = pageOf(found, keyOf, { token, limit })
    return { queryDefinitions: items.map(shown), ...(nextToken && { nextToken }) }
  },

  async DeleteQueryDefinition(input, ctx) {
    await ctx.commit((tx) => {
      if (!tx.in(definitions).has(input.queryDefinitionId)) throw notFound()
      tx.in(definitions).delete(input.queryDefinitionId)
    })
    return { success: true }
  },
})

const notFound = () => ResourceNotFoundException('The specified query definition does not exist.')

/** Several may have one name. */
function keyOf({ name, id }: Definition): string {
  return `${name}\n${id}`
}

function shown({ id, name, text, groups, parameters, modifiedAt }: Definition): QueryDefinition {
  return {
    queryLanguage: 'CWLI',
    queryDefinitionId: id,
    name,
    queryString: text,
    lastModified: modifiedAt,
    logGroupNames: groups,
    ...(parameters.length > 0 && { parameters }),
  }
}
