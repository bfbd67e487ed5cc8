/** Sampling rules: which requests an application traces. `Default` is always there, comes last, and is kept once it was changed. */
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import type { Scope } from '../../store/collection.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors, NotImplemented } from '../../wire/errors.ts'
import { pagesOf } from '../pages.ts'
import { operations } from '../service.ts'
import { tagRecord } from './tagRecords.ts'

const { InvalidRequestException, RuleLimitExceededException } = awsErrors('xray')

export interface SamplingRule {
  name: string
  priority: number
  fixedRate: number
  reservoirSize: number
  resourceArn: string
  serviceName: string
  serviceType: string
  host: string
  httpMethod: string
  urlPath: string
  attributes: Record<string, string>
  createdAt: Millis
  modifiedAt: Millis
  tags: Record<string, string>
}

export const samplingRules = collection<SamplingRule>('xray/sampling-rules', { version: 1, key: (rule) => [rule.name] })

/** When a rule was made, changed or deleted last: clients ask. */
export const ruleChanges = collection<{ at: Millis }>('xray/sampling-rule-changes', { version: 1, key: () => ['last'] })

/** AWS's quota. */
const rulesMax = 25
const defaultName = 'Default'
const pages = pagesOf(() => InvalidRequestException('The NextToken is invalid.'))

export const samplingRuleOperations = operations('xray', {
  async CreateSamplingRule(input, ctx) {
    const given = input.SamplingRule
    if (given.Version !== 1) throw InvalidRequestException('The version of a sampling rule must be 1.')
    const name = nameIn(given)
    const rule = await ctx.commit((tx) => {
      if (name === defaultName || tx.in(samplingRules).has(name)) {
        throw InvalidRequestException(`Rule with name ${name} already exists.`)
      }
      if ([...tx.in(samplingRules).list()].filter((one) => one.name !== defaultName).length >= rulesMax) {
        throw RuleLimitExceededException(`An account may have at most ${rulesMax} sampling rules.`)
      }
      const fresh = { ...freshRule(name, tx.now), tags: tagRecord(input.Tags) }
      return put(tx, changed(fresh, given, tx.now))
    })
    return { SamplingRuleRecord: output(ctx, rule) }
  },

  async GetSamplingRules(input, ctx) {
    const all = [...allRules(ctx)].sort((a, b) => (a.name < b.name ? -1 : 1))
    const { items, nextToken } = pages.pageOf(all, ({ name }) => [name], { token: input.NextToken })
    return { SamplingRuleRecords: items.map((rule) => output(ctx, rule)), ...(nextToken && { NextToken: nextToken }) }
  },

  async UpdateSamplingRule(input, ctx) {
    const given = input.SamplingRuleUpdate
    const rule = await ctx.commit((tx) => put(tx, changed(mustGetRule(tx, nameIn(given)), given, tx.now)))
    return { SamplingRuleRecord: output(ctx, rule) }
  },

  async DeleteSamplingRule(input, ctx) {
    const name = nameIn(input)
    const rule = await ctx.commit((tx) => {
      const gone = mustGetRule(tx, name)
      if (name === defaultName) throw InvalidRequestException('The default rule cannot be deleted.')
      tx.in(samplingRules).delete(name)
      tx.in(ruleChanges).put({ at: tx.now })
      return gone
    })
    return { SamplingRuleRecord: output(ctx, rule) }
  },
})

type Reader = Pick<Context | Tx, 'in'>

export function* allRules(reader: Reader): Iterable<SamplingRule> {
  yield* reader.in(samplingRules).list()
  if (!reader.in(samplingRules).has(defaultName)) yield defaultRule
}

export function getRule(reader: Reader, name: string): SamplingRule | undefined {
  return reader.in(samplingRules).get(name) ?? (name === defaultName ? defaultRule : undefined)
}

export function ruleArn({ account, region }: Scope, name: string): string {
  return `arn:aws:xray:${region}:${account}:sampling-rule/${name}`
}

function freshRule(name: string, now: Millis): SamplingRule {
  const any = { resourceArn: '*', serviceName: '*', serviceType: '*', host: '*', httpMethod: '*', urlPath: '*' }
  const times = { createdAt: now, modifiedAt: now }
  return { name, priority: 1, fixedRate: 0, reservoirSize: 0, ...any, attributes: {}, ...times, tags: {} }
}

/** One request a second, and a twentieth of the others; it comes after all that can be made. */
const defaultRule: SamplingRule = { ...freshRule(defaultName, 0), priority: 10_000, fixedRate: 0.05, reservoirSize: 1 }

interface Named {
  RuleName?: string | undefined
  RuleARN?: string | undefined
}

function nameIn({ RuleName, RuleARN }: Named): string {
  const name = RuleName ?? /:sampling-rule\/([^/]+)$/.exec(RuleARN ?? '')?.[1]
  if (name !== undefined && (RuleName === undefined || RuleARN === undefined)) return name
  throw InvalidRequestException('Specify a rule by either name or ARN, but not both.')
}

function mustGetRule(reader: Reader, name: string): SamplingRule {
  const rule = getRule(reader, name)
  if (!rule) throw InvalidRequestException('Sampling rule does not exist.')
  return rule
}

interface Given extends Named {
  ResourceARN?: string | undefined
  Priority?: number | undefined
  FixedRate?: number | undefined
  ReservoirSize?: number | undefined
  ServiceName?: string | undefined
  ServiceType?: string | undefined
  Host?: string | undefined
  HTTPMethod?: string | undefined
  URLPath?: string | undefined
  Attributes?: Record<string, string> | undefined
  SamplingRateBoost?: unknown
}

function changed(before: SamplingRule, given: Given, now: Millis): SamplingRule {
  if (given.SamplingRateBoost) throw NotImplemented('xray: SamplingRateBoost of a sampling rule')
  const after: SamplingRule = {
    ...before,
    priority: given.Priority ?? before.priority,
    fixedRate: given.FixedRate ?? before.fixedRate,
    reservoirSize: given.ReservoirSize ?? before.reservoirSize,
    resourceArn: given.ResourceARN ?? before.resourceArn,
    serviceName: given.ServiceName ?? before.serviceName,
    serviceType: given.ServiceType ?? before.serviceType,
    host: given.Host ?? before.host,
    httpMethod: given.HTTPMethod ?? before.httpMethod,
    urlPath: given.URLPath ?? before.urlPath,
    attributes: given.Attributes ?? before.attributes,
    modifiedAt: now,
  }
  checkRange('Priority', after.priority, after.name === defaultName ? 10_000 : 9_999, 1)
  checkRange('FixedRate', after.fixedRate, 1)
  checkRange('ReservoirSize', after.reservoirSize, Number.MAX_SAFE_INTEGER)
  return after
}

function checkRange(member: string, value: number, most: number, least = 0): void {
  if (value < least || value > most) {
    throw InvalidRequestException(`${member} must be between ${least} and ${most}: ${value}`)
  }
}

function put(tx: Tx, rule: SamplingRule): SamplingRule {
  tx.in(samplingRules).put(rule)
  tx.in(ruleChanges).put({ at: tx.now })
  return rule
}

function output(scope: Scope, rule: SamplingRule) {
  return {
    SamplingRule: {
      RuleName: rule.name,
      RuleARN: ruleArn(scope, rule.name),
      ResourceARN: rule.resourceArn,
      Priority: rule.priority,
      FixedRate: rule.fixedRate,
      ReservoirSize: rule.reservoirSize,
      ServiceName: rule.serviceName,
      ServiceType: rule.serviceType,
      Host: rule.host,
      HTTPMethod: rule.httpMethod,
      URLPath: rule.urlPath,
      Version: 1,
      Attributes: rule.attributes,
    },
    CreatedAt: new Date(rule.createdAt),
    ModifiedAt: new Date(rule.modifiedAt),
  }
}
