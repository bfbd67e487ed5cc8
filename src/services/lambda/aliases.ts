/** Aliases: operations. The record is in aliasRecords.ts. */
import type { Context, Tx } from '../../delivery/context.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { type Alias, aliases } from './aliasRecords.ts'
import { functionArn, functionNotFound, functionReference, latest, pageOf, user } from './identifiers.ts'
import { functionPolicies } from './permissions.ts'
import { functionVersions, mustGetLatest, versionNumber } from './records.ts'

const {
  InvalidParameterValueException,
  PreconditionFailedException,
  ResourceConflictException,
  ResourceNotFoundException,
} = awsErrors('lambda')

export const aliasOperations = operations('lambda', {
  async CreateAlias(input, ctx) {
    const { name } = functionReference(input.FunctionName)
    const alias = await ctx.commit((tx) => {
      mustGetLatest(tx, name)
      if (tx.in(aliases).has(name, input.Name)) {
        throw ResourceConflictException(`Alias already exists: ${functionArn(tx, name, input.Name)}`, user)
      }
      const made: Alias = {
        functionName: name,
        alias: input.Name,
        version: input.FunctionVersion,
        description: input.Description ?? '',
        weights: input.RoutingConfig?.AdditionalVersionWeights ?? {},
        revisionId: tx.random.uuid(),
      }
      checkVersions(tx, made)
      tx.in(aliases).put(made)
      return made
    })
    return aliasOutput(ctx, alias)
  },

  async GetAlias(input, ctx) {
    const { name } = functionReference(input.FunctionName)
    return aliasOutput(ctx, mustGetAlias(ctx, name, input.Name))
  },

  async ListAliases(input, ctx) {
    const { name } = functionReference(input.FunctionName)
    mustGetLatest(ctx, name)
    const wanted = (alias: Alias) => !input.FunctionVersion || alias.version === input.FunctionVersion
    const { page, ...rest } = pageOf([...ctx.in(aliases).list({ prefix: [name] })].filter(wanted), input)
    return { Aliases: page.map((alias) => aliasOutput(ctx, alias)), ...rest }
  },

  async UpdateAlias(input, ctx) {
    const { name } = functionReference(input.FunctionName)
    const alias = await ctx.commit((tx) => {
      const before = mustGetAlias(tx, name, input.Name)
      if (input.RevisionId !== undefined && input.RevisionId !== before.revisionId) {
        const words =
          'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id'
        throw PreconditionFailedException(words, user)
      }
      const after: Alias = {
        ...before,
        version: input.FunctionVersion ?? before.version,
        description: input.Description ?? before.description,
        weights: input.RoutingConfig ? (input.RoutingConfig.AdditionalVersionWeights ?? {}) : before.weights,
        revisionId: tx.random.uuid(),
      }
      checkVersions(tx, after)
      tx.in(aliases).put(after)
      return after
    })
    return aliasOutput(ctx, alias)
  },

  async DeleteAlias(input, ctx) {
    const { name } = functionReference(input.FunctionName)
    await ctx.commit((tx) => {
      tx.in(aliases).delete(name, input.Name)
      tx.in(functionPolicies).delete(name, input.Name)
    })
    return {}
  },
})

function checkVersions(tx: Tx, alias: Alias): void {
  const weights = Object.entries(alias.weights)
  if (weights.length > 1) {
    throw InvalidParameterValueException('Number of items in AdditionalVersionWeights cannot be greater than 1', user)
  }
  for (const version of [alias.version, ...weights.map(([other]) => other)]) {
    const exists =
      (version === latest || /^\d+$/.test(version)) &&
      tx.in(functionVersions).has(alias.functionName, versionNumber(version))
    if (!exists) throw functionNotFound(tx, alias.functionName, version)
  }
  if (weights.length > 0 && (alias.version === latest || weights.some(([version]) => version === latest))) {
    throw InvalidParameterValueException('$LATEST is not supported for an alias pointing to more than 1 version', user)
  }
  if (weights.some(([version]) => version === alias.version)) {
    throw InvalidParameterValueException(
      `Invalid function version ${alias.version}. Function version ${alias.version} is already included in routing configuration.`,
      user,
    )
  }
}

function mustGetAlias(reader: Pick<Context | Tx, 'in' | 'account' | 'region'>, name: string, alias: string): Alias {
  const found = reader.in(aliases).get(name, alias)
  if (!found) throw ResourceNotFoundException(`Cannot find alias arn: ${functionArn(reader, name, alias)}`, user)
  return found
}

function aliasOutput(ctx: Context, alias: Alias) {
  return {
    AliasArn: functionArn(ctx, alias.functionName, alias.alias),
    Name: alias.alias,
    FunctionVersion: alias.version,
    Description: alias.description,
    ...(Object.keys(alias.weights).length > 0 && { RoutingConfig: { AdditionalVersionWeights: alias.weights } }),
    RevisionId: alias.revisionId,
  }
}
