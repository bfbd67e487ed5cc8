/** Rules: a pattern or a schedule on a bus, and the targets (targets.ts) that get what it lets through. */
import type { Tag } from '@aws-sdk/client-eventbridge'
import type { Arn } from '../../delivery/arn.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { InvalidPattern } from '../../engines/patterns/compiler.ts'
import { compilePattern, type Pattern } from '../../engines/patterns/pattern.ts'
import { InvalidSchedule, parseSchedule } from '../../engines/schedules/scheduleExpressions.ts'
import { collection, type Records, type Scope } from '../../store/collection.ts'
import { awsError, awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { archiveRuleRemoved } from './archiving.ts'
import { buses, busName, mustGetBus } from './buses.ts'
import { checkUnmanaged } from './managedRules.ts'
import { pageOf } from './pages.ts'
import { router } from './routing.ts'
import { planSchedule } from './schedules.ts'
import { checkTags } from './tags.ts'
import type { RuleTarget } from './targets.ts'

export interface Rule {
  bus: string
  name: string
  state: 'ENABLED' | 'DISABLED' | 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'
  pattern?: string
  schedule?: string
  description?: string
  roleArn?: Arn
  /** The AWS service that made it for itself. */
  managedBy?: string
  /** What an archive's rule matches goes into this log. */
  archiveLog?: string
  tags: Tag[]
  targets: RuleTarget[]
}

export const rules = collection<Rule>('eventbridge/rules', { version: 1, key: (rule) => [rule.bus, rule.name] })

const { InvalidEventPatternException, LimitExceededException, ResourceNotFoundException } = awsErrors('eventbridge')
/** AWS's quota of rules for one bus is 300 at first, and raised to thousands for who asks. */
const rulesMax = 10_000
const patternCharactersMax = 4_096

export function ruleArn({ bus, name }: Pick<Rule, 'bus' | 'name'>, { account, region }: Scope): Arn {
  return `arn:aws:events:${region}:${account}:rule/${bus === 'default' ? '' : `${bus}/`}${name}`
}

/** Errors: ResourceNotFoundException, for the bus or the rule. */
export function mustGetRule(place: Pick<Context | Tx, 'in'>, bus: string, name: string): Rule {
  mustGetBus(place.in(buses), bus)
  const rule = place.in(rules).get(bus, name)
  if (!rule) throw ResourceNotFoundException(`Rule ${name} does not exist on EventBus ${bus}.`)
  return rule
}

export const ruleOperations = operations('eventbridge', {
  async PutRule(input, ctx) {
    const bus = busName(input.EventBusName)
    const wanted = ruleFrom(input, bus)
    await ctx.commit((tx) => {
      mustGetBus(tx.in(buses), bus)
      const existing = tx.in(rules).get(bus, wanted.name)
      checkUnmanaged(existing)
      if (!existing && router(tx).ruleCount(tx, bus) >= rulesMax) {
        throw LimitExceededException('The requested resource exceeds the maximum number allowed.')
      }
      // Tags and targets are not PutRule's to change once the rule is there.
      saveRule(tx, { ...wanted, tags: existing?.tags ?? wanted.tags, targets: existing?.targets ?? [] })
    })
    return { RuleArn: ruleArn(wanted, ctx) }
  },

  async DescribeRule(input, ctx) {
    const rule = mustGetRule(ctx, busName(input.EventBusName), input.Name)
    return { ...describe(rule, ctx), CreatedBy: ctx.account }
  },

  async DeleteRule(input, ctx) {
    const bus = busName(input.EventBusName)
    await ctx.commit((tx) => {
      mustGetBus(tx.in(buses), bus)
      const rule = tx.in(rules).get(bus, input.Name)
      checkUnmanaged(rule, input.Force)
      if (rule && rule.targets.length > 0) {
        throw awsError('ValidationException', "Rule can't be deleted since it has targets.")
      }
      if (!rule) return
      removeRule(tx, rule)
      archiveRuleRemoved(tx, rule)
    })
    return {}
  },

  async EnableRule(input, ctx) {
    await setState(ctx, busName(input.EventBusName), input.Name, 'ENABLED')
    return {}
  },

  async DisableRule(input, ctx) {
    await setState(ctx, busName(input.EventBusName), input.Name, 'DISABLED')
    return {}
  },

  async ListRules(input, ctx) {
    const bus = busName(input.EventBusName)
    mustGetBus(ctx.in(buses), bus)
    const all = ctx.in(rules).list({ prefix: [bus], startsWith: input.NamePrefix ?? '' })
    const { items, nextToken } = pageOf(all, (rule) => [rule.name], { token: input.NextToken, limit: input.Limit })
    return { Rules: items.map((rule) => describe(rule, ctx)), ...(nextToken && { NextToken: nextToken }) }
  },

  async ListRuleNamesByTarget(input, ctx) {
    const bus = busName(input.EventBusName)
    mustGetBus(ctx.in(buses), bus)
    const all = rulesFor(ctx.in(rules), bus, input.TargetArn)
    const { items, nextToken } = pageOf(all, (rule) => [rule.name], { token: input.NextToken, limit: input.Limit })
    return { RuleNames: items.map((rule) => rule.name), ...(nextToken && { NextToken: nextToken }) }
  },
})

/** Every change of a rule goes through here: what is compiled, and when it is due, follows. */
export function saveRule(tx: Tx, rule: Rule): void {
  tx.in(rules).put(rule)
  router(tx).ruleChanged(tx, rule)
  planSchedule(tx, rule)
}

export function removeRule(tx: Tx, rule: Rule): void {
  tx.in(rules).delete(rule.bus, rule.name)
  router(tx).ruleChanged(tx, rule)
  planSchedule(tx, { ...rule, state: 'DISABLED' })
}

interface RuleInput {
  Name: string
  State?: Rule['state'] | undefined
  EventPattern?: string | undefined
  ScheduleExpression?: string | undefined
  Description?: string | undefined
  RoleArn?: string | undefined
  Tags?: Tag[] | undefined
}

function ruleFrom(input: RuleInput, bus: string): Rule {
  const { Name, State = 'ENABLED', EventPattern, ScheduleExpression, Description, RoleArn, Tags = [] } = input
  checkTags(Tags)
  if (!EventPattern && !ScheduleExpression) {
    throw awsError('ValidationException', 'Parameter(s) EventPattern or ScheduleExpression must be specified.')
  }
  if (EventPattern) checkPattern(EventPattern)
  if (ScheduleExpression) checkSchedule(ScheduleExpression, bus)
  return {
    bus,
    name: Name,
    state: State,
    tags: Tags,
    targets: [],
    ...(EventPattern && { pattern: EventPattern }),
    ...(ScheduleExpression && { schedule: ScheduleExpression }),
    ...(Description !== undefined && { description: Description }),
    ...(RoleArn !== undefined && { roleArn: RoleArn }),
  }
}

/** Errors: InvalidEventPatternException. */
export function checkPattern(pattern: string): void {
  if (pattern.length > patternCharactersMax) {
    throw LimitExceededException(`Event pattern is longer than ${patternCharactersMax} characters.`)
  }
  mustCompile(pattern)
}

/** Errors: InvalidEventPatternException. */
export function mustCompile(pattern: string): Pattern {
  try {
    return compilePattern(pattern)
  } catch (error) {
    if (error instanceof InvalidPattern) throw InvalidEventPatternException(error.message)
    throw error
  }
}

function checkSchedule(expression: string, bus: string): void {
  if (bus !== 'default') {
    throw awsError('ValidationException', 'ScheduleExpression is supported only on the default event bus.')
  }
  try {
    parseSchedule(expression)
  } catch (error) {
    if (!(error instanceof InvalidSchedule)) throw error
    throw awsError('ValidationException', 'Parameter ScheduleExpression is not valid.')
  }
}

async function setState(ctx: Context, bus: string, name: string, state: Rule['state']): Promise<void> {
  await ctx.commit((tx) => {
    const rule = mustGetRule(tx, bus, name)
    checkUnmanaged(rule)
    saveRule(tx, { ...rule, state })
  })
}

function* rulesFor(records: Records<Rule>, bus: string, targetArn: string): Iterable<Rule> {
  for (const rule of records.list({ prefix: [bus] })) {
    if (rule.targets.some(({ Arn }) => Arn === targetArn)) yield rule
  }
}

function describe(rule: Rule, ctx: Context) {
  const { bus, name, state, pattern, schedule, description, roleArn, managedBy } = rule
  return {
    Name: name,
    Arn: ruleArn(rule, ctx),
    EventBusName: bus,
    State: state,
    ...(pattern !== undefined && { EventPattern: pattern }),
    ...(schedule !== undefined && { ScheduleExpression: schedule }),
    ...(description !== undefined && { Description: description }),
    ...(roleArn !== undefined && { RoleArn: roleArn }),
    ...(managedBy !== undefined && { ManagedBy: managedBy }),
  }
}
