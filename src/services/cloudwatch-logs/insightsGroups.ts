/** Which log groups a query reads: those of the request, or those of its SOURCE. */

import { parseArn } from '../../delivery/arn.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import type { SourceClause } from '../../engines/insights/ast.ts'
import { awsErrors, NotImplemented } from '../../wire/errors.ts'
import { groupName, groups, type LogGroup } from './groups.ts'

const { InvalidParameterException, ResourceNotFoundException } = awsErrors('cloudwatch-logs')

const namedMax = 50
const sourcesMax = 10_000

export interface QueriedGroups {
  /** As the request names them; empty where the query itself has a SOURCE. */
  names: string[]
}

interface Request {
  queryString: string
  logGroupName?: string | undefined
  logGroupNames?: string[] | undefined
  logGroupIdentifiers?: string[] | undefined
}

/** Errors: InvalidParameterException where they are named in two ways, or not at all. */
export function requestedGroups(request: Request, ctx: Context): QueriedGroups {
  const { logGroupName, logGroupNames, logGroupIdentifiers, queryString } = request
  const given = [logGroupName === undefined ? undefined : [logGroupName], logGroupNames, logGroupIdentifiers].filter(
    (names) => names !== undefined,
  )
  const hasSource = /^\s*source\b/i.test(queryString.replace(/^(\s|#[^\n]*\n)*/, ''))
  if (given.length !== (hasSource ? 0 : 1)) {
    throw InvalidParameterException(
      hasSource
        ? 'Log groups must not be specified in the request when the query has a SOURCE command.'
        : 'Exactly one of logGroupName, logGroupNames or logGroupIdentifiers must be specified.',
    )
  }
  const names = given.flat()
  if (!hasSource && names.length === 0) throw InvalidParameterException('At least one log group must be specified.')
  if (names.length > namedMax) throw InvalidParameterException(`A query can include at most ${namedMax} log groups.`)
  return { names: names.map((name) => ownName(name, ctx)) }
}

/** Errors: NotImplemented for another account's or region's. */
function ownName(nameOrArn: string, { account, region }: Context): string {
  const arn = parseArn(nameOrArn)
  if (arn && (arn.account !== account || arn.region !== region)) {
    throw NotImplemented('Logs Insights over log groups of other accounts or regions')
  }
  return groupName(nameOrArn)
}

/** Errors: ResourceNotFoundException, NotImplemented, InvalidParameterException. */
export function namedGroups(clause: SourceClause | undefined, { names }: QueriedGroups, ctx: Context): LogGroup[] {
  if (!clause) return names.map((name) => mustGetQueried(ctx, name))
  if (clause.accounts.some((account) => account !== ctx.account)) {
    throw NotImplemented('Logs Insights over log groups of other accounts or regions')
  }
  const named = clause.names.map((name) => mustGetQueried(ctx, ownName(name, ctx)))
  if (!clause.prefixes) return named
  const prefixes = clause.prefixes.length > 0 ? clause.prefixes : ['']
  const found = new Map(named.map((group) => [group.id, group]))
  for (const startsWith of prefixes) {
    for (const group of ctx.in(groups).list({ startsWith })) {
      if (group.class === (clause.class ?? 'STANDARD')) found.set(group.id, group)
    }
  }
  if (found.size > sourcesMax) {
    throw InvalidParameterException(`The query selects more than ${sourcesMax} log groups. Select fewer of them.`)
  }
  return [...found.values()]
}

function mustGetQueried(place: Pick<Context | Tx, 'in'> & Pick<Context, 'account'>, name: string): LogGroup {
  const group = place.in(groups).get(name)
  if (group) return group
  throw ResourceNotFoundException(`Log group '${name}' does not exist for account ID '${place.account}'`)
}
