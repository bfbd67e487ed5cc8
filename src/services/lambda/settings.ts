/** What belongs to a function as a whole: reserved concurrency, tags; and the account's limits. */
import type { Context, Tx } from '../../delivery/context.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { functionArn, functionNotFound, functionReference, latest, user } from './identifiers.ts'
import { eventSourceMappings } from './mappings.ts'
import { type FunctionSettings, functionSettings, functionVersions, mustGetLatest } from './records.ts'

const { InvalidParameterValueException, ResourceNotFoundException } = awsErrors('lambda')

/** AWS's defaults for an account. */
export const accountConcurrency = 1000
const unreservedConcurrencyMin = 100
const totalCodeBytesMax = 80_530_636_800
const tagsMax = 50

export const settingOperations = operations('lambda', {
  async PutFunctionConcurrency(input, ctx) {
    const { name } = functionReference(input.FunctionName)
    const wanted = input.ReservedConcurrentExecutions
    await ctx.commit((tx) => {
      const settings = mustGetSettings(tx, name)
      const others = reservedTotal(tx) - (settings.reservedConcurrency ?? 0)
      if (accountConcurrency - others - wanted < unreservedConcurrencyMin) {
        throw InvalidParameterValueException(
          `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${unreservedConcurrencyMin}].`,
          user,
        )
      }
      tx.in(functionSettings).put({ ...settings, reservedConcurrency: wanted })
    })
    return { ReservedConcurrentExecutions: wanted }
  },

  async GetFunctionConcurrency(input, ctx) {
    const { name } = functionReference(input.FunctionName)
    const { reservedConcurrency } = mustGetSettings(ctx, name)
    return { ...(reservedConcurrency !== undefined && { ReservedConcurrentExecutions: reservedConcurrency }) }
  },

  async DeleteFunctionConcurrency(input, ctx) {
    const { name } = functionReference(input.FunctionName)
    await ctx.commit((tx) => {
      const { reservedConcurrency: _reserved, ...rest } = mustGetSettings(tx, name)
      tx.in(functionSettings).put(rest)
    })
    return {}
  },

  async GetAccountSettings(_input, ctx) {
    let totalBytes = 0
    let functions = 0
    for (const version of ctx.in(functionVersions).list()) {
      totalBytes += version.code.bytes
      if (version.version === latest) functions++
    }
    return {
      AccountLimit: {
        TotalCodeSize: totalCodeBytesMax,
        CodeSizeUnzipped: 262_144_000,
        CodeSizeZipped: 52_428_800,
        ConcurrentExecutions: accountConcurrency,
        UnreservedConcurrentExecutions: accountConcurrency - reservedTotal(ctx),
      },
      AccountUsage: { TotalCodeSize: totalBytes, FunctionCount: functions },
    }
  },

  async TagResource(input, ctx) {
    await changeTags(ctx, input.Resource, (tags) => ({ ...tags, ...input.Tags }))
    return {}
  },

  async UntagResource(input, ctx) {
    const gone = new Set(input.TagKeys)
    await changeTags(ctx, input.Resource, (tags) =>
      Object.fromEntries(Object.entries(tags).filter(([key]) => !gone.has(key))),
    )
    return {}
  },

  async ListTags(input, ctx) {
    const id = mappingIdOf(input.Resource)
    if (id) return { Tags: ctx.in(eventSourceMappings).get(id)?.tags ?? {} }
    return { Tags: mustGetSettings(ctx, functionReference(input.Resource).name).tags }
  },

  /** Nothing here signs code, and nothing updates a runtime by itself. */
  async GetFunctionCodeSigningConfig(input, ctx) {
    const { name } = functionReference(input.FunctionName)
    mustGetLatest(ctx, name)
    return { CodeSigningConfigArn: undefined as never, FunctionName: name }
  },

  async GetRuntimeManagementConfig(input, ctx) {
    const { name, qualifier } = functionReference(input.FunctionName, input.Qualifier)
    mustGetLatest(ctx, name)
    return { UpdateRuntimeOn: 'Auto' as const, FunctionArn: functionArn(ctx, name, qualifier) }
  },
})

type Reader = Pick<Context | Tx, 'in' | 'account' | 'region'>

function mustGetSettings(reader: Reader, name: string): FunctionSettings {
  const settings = reader.in(functionSettings).get(name)
  if (!settings) throw functionNotFound(reader, name)
  return settings
}

function reservedTotal(reader: Reader): number {
  let total = 0
  for (const settings of reader.in(functionSettings).list()) total += settings.reservedConcurrency ?? 0
  return total
}

function mappingIdOf(arn: string): string | undefined {
  return /:event-source-mapping:([^:]+)$/.exec(arn)?.[1]
}

async function changeTags(
  ctx: Context,
  arn: string,
  change: (tags: Record<string, string>) => Record<string, string>,
): Promise<void> {
  const id = mappingIdOf(arn)
  await ctx.commit((tx) => {
    if (id) {
      const mapping = tx.in(eventSourceMappings).get(id)
      if (!mapping) throw ResourceNotFoundException('The resource you requested does not exist.', user)
      tx.in(eventSourceMappings).put({ ...mapping, tags: checked(change(mapping.tags)) })
      return
    }
    const settings = mustGetSettings(tx, functionReference(arn).name)
    tx.in(functionSettings).put({ ...settings, tags: checked(change(settings.tags)) })
  })
}

function checked(tags: Record<string, string>): Record<string, string> {
  if (Object.keys(tags).length > tagsMax) throw InvalidParameterValueException('Too many tags', user)
  return tags
}
