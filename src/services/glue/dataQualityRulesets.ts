/** Data quality rulesets: DQDL under a name, for a table if it says so. Runs that evaluate them: dataQualityEvaluations.ts. */
import type { DataQualityRulesetFilterCriteria, DataQualityTargetTable } from '@aws-sdk/client-glue'
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors, NotImplemented } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { type RulesetSummary, readRuleset, UnsupportedRule } from './dataQualityLanguage.ts'
import { RulesetError } from './dataQualityTokens.ts'
import { catalogName, dateOf, glueArn } from './names.ts'
import { pageOf } from './pages.ts'
import { putTags, tagSets } from './tags.ts'

const { AlreadyExistsException, EntityNotFoundException, InvalidInputException } = awsErrors('glue')

export interface QualityRuleset {
  name: string
  description?: string
  text: string
  ruleCount: number
  target?: DataQualityTargetTable
  /** The run that recommended it. */
  recommendationRunId?: string
  clientToken?: string
  createdAt: Millis
  updatedAt: Millis
}

export const qualityRulesets = collection<QualityRuleset>('glue/data-quality-rulesets', {
  version: 1,
  key: (ruleset) => [ruleset.name],
})

export const rulesetOperations = operations('glue', {
  async CreateDataQualityRuleset(input, ctx) {
    refuseSecurityConfiguration(input.DataQualitySecurityConfiguration)
    const { Name: name, Description: description, Ruleset: text, TargetTable: target, ClientToken: clientToken } = input
    const { rules: ruleCount } = mustRead(text)
    await ctx.commit((tx) => {
      const there = tx.in(qualityRulesets).get(name)
      if (there && clientToken && there.clientToken === clientToken && there.text === text) return
      if (there) throw AlreadyExistsException(`DataQualityRuleset with name ${name} already exists`)
      const ruleset = { name, text, ruleCount, createdAt: tx.now, updatedAt: tx.now }
      tx.in(qualityRulesets).put({
        ...ruleset,
        ...(description !== undefined && { description }),
        ...(target && { target }),
        ...(clientToken && { clientToken }),
      })
      putTags(tx, glueArn(tx, 'dataQualityRuleset', name), input.Tags ?? {})
    })
    return { Name: name }
  },

  async GetDataQualityRuleset(input, ctx) {
    return rulesetOutput(mustGetRuleset(ctx, input.Name))
  },

  async UpdateDataQualityRuleset(input, ctx) {
    const { Name: name, Description: description, Ruleset: text } = input
    const summary = text === undefined ? undefined : mustRead(text)
    const updated = await ctx.commit((tx) => {
      const there = mustGetRuleset(tx, name)
      const changed: QualityRuleset = {
        ...there,
        ...(description !== undefined && { description }),
        ...(text !== undefined && summary && { text, ruleCount: summary.rules }),
        updatedAt: tx.now,
      }
      tx.in(qualityRulesets).put(changed)
      return changed
    })
    return {
      Name: name,
      ...(updated.description !== undefined && { Description: updated.description }),
      Ruleset: updated.text,
    }
  },

  async DeleteDataQualityRuleset(input, ctx) {
    await ctx.commit((tx) => {
      mustGetRuleset(tx, input.Name)
      tx.in(qualityRulesets).delete(input.Name)
      putTags(tx, glueArn(tx, 'dataQualityRuleset', input.Name), undefined)
    })
    return {}
  },

  async ListDataQualityRulesets(input, ctx) {
    const wanted = Object.entries(input.Tags ?? {})
    const passes = filterOf(input.Filter ?? {})
    const found = [...ctx.in(qualityRulesets).list()].filter((ruleset) => {
      const tags = ctx.in(tagSets).get(glueArn(ctx, 'dataQualityRuleset', ruleset.name))?.tags ?? {}
      return passes(ruleset) && wanted.every(([key, value]) => tags[key] === value)
    })
    const { items, next } = pageOf(found, input, 1000)
    return { Rulesets: items.map(detailsOutput), ...next }
  },
})

/** Errors: EntityNotFoundException. */
export function mustGetRuleset(ctx: Pick<Context | Tx, 'in' | 'account'>, name: string): QualityRuleset {
  const ruleset = ctx.in(qualityRulesets).get(name)
  if (!ruleset)
    throw EntityNotFoundException(`Cannot find Data Quality Ruleset in account ${ctx.account} with name ${name}`)
  return ruleset
}

/** Errors: InvalidInputException with the place of what is no DQDL; NotImplemented for rule types that are not there. */
export function mustRead(text: string): RulesetSummary {
  try {
    return readRuleset(text)
  } catch (error) {
    if (error instanceof UnsupportedRule) throw NotImplemented(`glue: ${error.message}`)
    if (error instanceof RulesetError) throw InvalidInputException(`Ruleset is not valid DQDL: ${error.message}`)
    throw error
  }
}

export function refuseSecurityConfiguration(name: string | undefined): void {
  if (name) throw NotImplemented('glue: data quality with a DataQualitySecurityConfiguration')
}

function rulesetOutput(ruleset: QualityRuleset) {
  const { RuleCount: _count, ...details } = detailsOutput(ruleset)
  return { ...details, Ruleset: ruleset.text }
}

function detailsOutput({ name, description, ruleCount, target, ...ruleset }: QualityRuleset) {
  return {
    Name: name,
    ...(description !== undefined && { Description: description }),
    CreatedOn: dateOf(ruleset.createdAt),
    LastModifiedOn: dateOf(ruleset.updatedAt),
    ...(target && { TargetTable: target }),
    ...(ruleset.recommendationRunId && { RecommendationRunId: ruleset.recommendationRunId }),
    RuleCount: ruleCount,
  }
}

function filterOf(filter: DataQualityRulesetFilterCriteria): (ruleset: QualityRuleset) => boolean {
  const { Name, Description, TargetTable, CreatedAfter, CreatedBefore, LastModifiedAfter, LastModifiedBefore } = filter
  return ({ name, description, target, createdAt, updatedAt }) =>
    (Name === undefined || Name === name) &&
    (Description === undefined || Description === description) &&
    (TargetTable === undefined || isSameTable(TargetTable, target)) &&
    isWithin(createdAt, CreatedAfter, CreatedBefore) &&
    isWithin(updatedAt, LastModifiedAfter, LastModifiedBefore)
}

function isSameTable(wanted: DataQualityTargetTable, target: DataQualityTargetTable | undefined): boolean {
  const nameOf = ({ DatabaseName = '', TableName = '' }: DataQualityTargetTable) =>
    `${catalogName(DatabaseName)}.${catalogName(TableName)}`
  return target !== undefined && nameOf(wanted) === nameOf(target)
}

export function isWithin(moment: Millis, after: Date | undefined, before: Date | undefined): boolean {
  return (after === undefined || moment > after.getTime()) && (before === undefined || moment < before.getTime())
}
