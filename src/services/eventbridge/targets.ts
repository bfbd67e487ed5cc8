/** A rule's targets, kept as AWS spells them, and what is checked when they are put. */
import type { PutTargetsResultEntry, Target } from '@aws-sdk/client-eventbridge'
import { type Arn, type ArnParts, parseArn } from '../../delivery/arn.ts'
import { awsError, awsErrors, NotImplemented } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { busName } from './buses.ts'
import { checkDeadLetter } from './deadLetters.ts'
import { checkInput, checkPath } from './inputs.ts'
import { checkUnmanaged } from './managedRules.ts'
import { pageOf } from './pages.ts'
import { mustGetRule, saveRule } from './rules.ts'

export type RuleTarget = Omit<Target, 'Id' | 'Arn'> & { Id: string; Arn: Arn }

const { LimitExceededException } = awsErrors('eventbridge')
/** AWS's quota of targets for one rule. */
const targetsMax = 5

/** What a rule can be sent to here, by the ARN's service and the start of its resource. */
const kinds: { service: string; resource: RegExp }[] = [
  { service: 'lambda', resource: /^function:/ },
  { service: 'sqs', resource: /./ },
  { service: 'sns', resource: /./ },
  { service: 'logs', resource: /^log-group:/ },
  { service: 'events', resource: /^(event-bus|api-destination)\// },
  { service: 'glue', resource: /^workflow\// },
  { service: 'redshift', resource: /^cluster:/ },
  { service: 'redshift-serverless', resource: /^workgroup\// },
]

export const targetOperations = operations('eventbridge', {
  async PutTargets(input, ctx) {
    const bus = busName(input.EventBusName)
    const wanted = input.Targets as RuleTarget[]
    for (const target of wanted) checkTarget(target)
    await ctx.commit((tx) => {
      const rule = mustGetRule(tx, bus, input.Rule)
      checkUnmanaged(rule)
      const kept = rule.targets.filter(({ Id }) => !wanted.some((target) => target.Id === Id))
      const targets = [...kept, ...wanted]
      if (targets.length > targetsMax) {
        throw LimitExceededException('The requested resource exceeds the maximum number allowed.')
      }
      saveRule(tx, { ...rule, targets })
    })
    return { FailedEntryCount: 0, FailedEntries: [] }
  },

  async RemoveTargets(input, ctx) {
    const bus = busName(input.EventBusName)
    const failed = await ctx.commit((tx) => {
      const rule = mustGetRule(tx, bus, input.Rule)
      checkUnmanaged(rule, input.Force)
      saveRule(tx, { ...rule, targets: rule.targets.filter(({ Id }) => !input.Ids.includes(Id)) })
      return input.Ids.filter((id) => !rule.targets.some(({ Id }) => Id === id)).map(missingEntry(input.Rule))
    })
    return { FailedEntryCount: failed.length, FailedEntries: failed }
  },

  async ListTargetsByRule(input, ctx) {
    const rule = mustGetRule(ctx, busName(input.EventBusName), input.Rule)
    const sorted = [...rule.targets].sort((left, right) => (left.Id < right.Id ? -1 : 1))
    const { items, nextToken } = pageOf(sorted, ({ Id }) => [Id], { token: input.NextToken, limit: input.Limit })
    return { Targets: items, ...(nextToken && { NextToken: nextToken }) }
  },
})

function missingEntry(rule: string): (id: string) => PutTargetsResultEntry {
  return (id) => ({
    TargetId: id,
    ErrorCode: 'ResourceNotFoundException',
    ErrorMessage: `Rule ${rule} does not have target ${id}.`,
  })
}

/** Errors: ValidationException in AWS's words; NotImplemented for a kind of target that is not here. */
function checkTarget(target: RuleTarget): void {
  const arn = parseArn(target.Arn)
  if (!arn) throw invalid(`Parameter ${target.Arn} is not valid. Reason: Provided Arn is not in correct format.`)
  if (!kinds.some(({ service, resource }) => service === arn.service && resource.test(arn.resource))) {
    throw NotImplemented(`The target ${target.Arn} of an EventBridge rule (service ${arn.service})`)
  }
  checkInput(target)
  checkParameters(target, arn)
  if (arn.service === 'events' && arn.resource.startsWith('api-destination/') && !target.RoleArn) {
    throw invalid(`RoleArn is required for target ${target.Arn}.`)
  }
  checkDeadLetter(target.DeadLetterConfig?.Arn)
}

/** Which parameters go with which kind of target. */
const parameterKinds: [member: keyof RuleTarget, takes: (arn: ArnParts) => boolean][] = [
  ['SqsParameters', ({ service }) => service === 'sqs'],
  ['HttpParameters', ({ service, resource }) => service === 'events' && resource.startsWith('api-destination/')],
  ['RedshiftDataParameters', ({ service }) => service.startsWith('redshift')],
  ['KinesisParameters', ({ service }) => service === 'kinesis'],
  ['RunCommandParameters', ({ service }) => service === 'ssm'],
  ['EcsParameters', ({ service }) => service === 'ecs'],
  ['BatchParameters', ({ service }) => service === 'batch'],
  ['SageMakerPipelineParameters', ({ service }) => service === 'sagemaker'],
  ['AppSyncParameters', ({ service }) => service === 'appsync'],
]

function checkParameters(target: RuleTarget, arn: ArnParts): void {
  for (const [member, takes] of parameterKinds) {
    if (target[member] !== undefined && !takes(arn)) {
      throw invalid(`Parameter(s) ${member} must not be specified for target: ${target.Id}.`)
    }
  }
  const isFifo = arn.service === 'sqs' && target.Arn.endsWith('.fifo')
  if (isFifo && !target.SqsParameters?.MessageGroupId) {
    throw invalid(`Parameter(s) SqsParameters must be specified for target: ${target.Id}.`)
  }
  if (arn.service.startsWith('redshift') && !target.RedshiftDataParameters) {
    throw invalid(`Parameter(s) RedshiftDataParameters must be specified for target: ${target.Id}.`)
  }
  checkPaths(target)
}

/** Values of these may be JSON paths: then they must be such. */
function checkPaths({ Id, HttpParameters, RedshiftDataParameters }: RuleTarget): void {
  const values = (given: unknown): unknown[] =>
    given !== null && typeof given === 'object' ? Object.values(given).flatMap(values) : [given]
  for (const value of [...values(HttpParameters), ...values(RedshiftDataParameters)]) {
    if (typeof value === 'string' && value.startsWith('$.'))
      checkPath(value, `Invalid JSON path ${value} for target ${Id}.`)
  }
}

function invalid(text: string) {
  return awsError('ValidationException', text)
}
