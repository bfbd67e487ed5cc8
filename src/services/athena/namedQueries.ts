/** Queries kept by name: text only, nothing runs. */
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { page } from './pages.ts'
import { mustGetWorkGroup } from './workGroups.ts'

const { InvalidRequestException } = awsErrors('athena')

export interface NamedQuery {
  id: string
  name: string
  description?: string
  database: string
  query: string
  workGroup: string
}

export const namedQueries = collection<NamedQuery>('athena/namedQueries', { version: 1, key: (query) => [query.id] })

export const namedQueryOperations = operations('athena', {
  async CreateNamedQuery(input, ctx) {
    const workGroup = input.WorkGroup ?? 'primary'
    mustGetWorkGroup(ctx, workGroup)
    const id = ctx.random.uuid()
    const query = { id, name: input.Name, database: input.Database, query: input.QueryString, workGroup }
    await ctx.commit((tx) =>
      tx.in(namedQueries).put({ ...query, ...(input.Description && { description: input.Description }) }),
    )
    return { NamedQueryId: id }
  },

  async GetNamedQuery(input, ctx) {
    const found = ctx.in(namedQueries).get(input.NamedQueryId)
    if (!found) throw InvalidRequestException(`NamedQuery ${input.NamedQueryId} was not found`)
    return { NamedQuery: shown(found) }
  },

  async BatchGetNamedQuery(input, ctx) {
    const found = input.NamedQueryIds.map((id) => ctx.in(namedQueries).get(id))
    return {
      NamedQueries: found.filter((query) => query !== undefined).map(shown),
      UnprocessedNamedQueryIds: input.NamedQueryIds.filter((_, i) => !found[i]).map((id) => ({
        NamedQueryId: id,
        ErrorCode: 'INVALID_INPUT',
        ErrorMessage: `NamedQuery ${id} was not found`,
      })),
    }
  },

  async ListNamedQueries(input, ctx) {
    const all = [...ctx.in(namedQueries).list()].filter((query) => query.workGroup === (input.WorkGroup ?? 'primary'))
    const { items, NextToken } = page(all, input, { nameOf: (query) => query.id, sizeMax: 50 })
    return { NamedQueryIds: items.map((query) => query.id), NextToken }
  },

  async UpdateNamedQuery(input, ctx) {
    await ctx.commit((tx) => {
      const found = tx.in(namedQueries).get(input.NamedQueryId)
      if (!found) throw InvalidRequestException(`NamedQuery ${input.NamedQueryId} was not found`)
      const description = input.Description ?? found.description
      tx.in(namedQueries).put({
        ...found,
        name: input.Name,
        query: input.QueryString,
        ...(description !== undefined && { description }),
      })
    })
    return {}
  },

  async DeleteNamedQuery(input, ctx) {
    await ctx.commit((tx) => tx.in(namedQueries).delete(input.NamedQueryId ?? ''))
    return {}
  },
})

function shown(query: NamedQuery) {
  return {
    NamedQueryId: query.id,
    Name: query.name,
    Database: query.database,
    QueryString: query.query,
    WorkGroup: query.workGroup,
    ...(query.description && { Description: query.description }),
  }
}
