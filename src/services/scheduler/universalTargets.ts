/**
 * Universal targets: any operation of AWS that this server has, named by the SDK's identifier of its service and the
 * operation in camel case. Its errors decide: a throttled or failing service is tried again, anything else is final.
 */
import type { Context } from '../../delivery/context.ts'
import { deliveries } from '../../delivery/deliveries.ts'
import { type Delivery, DeliveryRefused, type Outcome, target } from '../../delivery/delivery.ts'
import { failureFrom } from '../../delivery/errorCodes.ts'
import { provide, singleton } from '../../delivery/singleton.ts'
import { AwsError, awsErrors, NotImplemented } from '../../wire/errors.ts'
import type { ServiceName } from '../../wire/model.ts'
import { inputOf } from './universalInputs.ts'

const { ValidationException } = awsErrors('scheduler')

/** Operations that AWS does not call: they only read. User Guide, "Using universal targets". */
const readPrefixes = [
  'get describe list poll receive search scan query select read lookup discover validate batchGet batchDescribe',
  'batchRead transactGet adminGet adminList testMigration retrieve testConnection translateDocument isAuthorized',
  'invokeModel',
].flatMap((line) => line.split(' '))

/**
 * Operations that hand over a message, an event or work to do, in one commit. The firing's row goes in that very
 * commit, so they are performed exactly once; others are performed again where a kill hid whether they were.
 */
const oneCommit: Partial<Record<ServiceName, readonly string[]>> = {
  athena: ['StartQueryExecution'],
  eventbridge: ['PutEvents'],
  glue: ['StartJobRun', 'StartWorkflowRun'],
  'redshift-data': ['ExecuteStatement', 'BatchExecuteStatement'],
  sns: ['Publish', 'PublishBatch'],
  sqs: ['SendMessage', 'SendMessageBatch'],
}

export interface OperationRef {
  service: ServiceName
  operation: string
}

/** The operations of this server, found by the names that universal targets use. */
export interface OperationCatalog {
  /** Undefined where this server does not have it. */
  find(service: string, action: string): OperationRef | undefined
  perform(ref: OperationRef, input: object, ctx: Context): Promise<object>
}

const operationCatalog = singleton<OperationCatalog>('operation catalog')

export const operationCatalogProvision = provide(operationCatalog, (platform) => ({
  find(service, action) {
    for (const [name, { operations }] of platform.services) {
      // The SDK's identifier of a service is its client's name without dashes: `redshiftdata`.
      if (name.replaceAll('-', '') !== service) continue
      const wanted = action.toLowerCase()
      const operation = [...operations.keys()].find((each) => each.toLowerCase() === wanted)
      return operation === undefined ? undefined : { service: name, operation }
    }
    return undefined
  },
  async perform({ service, operation }, input, ctx) {
    const handler = platform.services.get(service)?.operations.get(operation)
    if (!handler) throw NotImplemented(`${service}:${operation}`)
    return handler(input as never, ctx)
  },
}))

export function isUniversal(arn: string): boolean {
  return arn.startsWith('arn:aws:scheduler:::aws-sdk:')
}

/** Errors: ValidationException in AWS's words; NotImplemented for an operation that is not here. */
export function checkUniversal(arn: string, input: string | undefined, ctx: Context): void {
  const { service, action } = partsOf(arn)
  if (!service || !action)
    throw ValidationException(`Parameter ${arn} is not valid. Reason: Provided Arn is not in correct format.`)
  if (readPrefixes.some((prefix) => action.startsWith(prefix)))
    throw ValidationException(`${action} API is not supported.`)
  if (input === undefined) throw ValidationException('You must provide an input to set this target for your schedule.')
  if (!ctx.use(operationCatalog).find(service, action))
    throw NotImplemented(`The universal target ${arn} of a schedule`)
}

export const universalTarget = target('scheduler', {
  handles: (resource) => resource.startsWith('aws-sdk:'),
  async carry(delivery, ctx) {
    const { service, action } = partsOf(delivery.arn)
    const catalog = ctx.use(operationCatalog)
    const ref = catalog.find(service, action)
    if (!ref)
      return { kind: 'refused', code: 'NotImplemented', message: `${delivery.arn} is not implemented by Igarapé.` }
    try {
      const input = inputOf(ref, delivery.payload)
      await catalog.perform(ref, input, isOneCommit(ref, input) ? takingAlong(delivery, ctx) : ctx)
      return { kind: 'delivered' }
    } catch (error) {
      if (error instanceof AwsError) return failureOf(error)
      throw error
    }
  },
})

function partsOf(arn: string): { service: string; action: string } {
  const [service = '', action = '', ...more] = arn.slice('arn:aws:scheduler:::aws-sdk:'.length).split(':')
  return more.length > 0 ? { service: '', action: '' } : { service, action }
}

function isOneCommit({ service, operation }: OperationRef, input: object): boolean {
  if (service === 'lambda' && operation === 'Invoke') {
    return (input as { InvocationType?: string }).InvocationType === 'Event'
  }
  return oneCommit[service]?.includes(operation) ?? false
}

/** The operation's commit also takes the delivery off its queue. */
function takingAlong(delivery: Delivery, ctx: Context, home = ctx): Context {
  const { account, region } = home
  const commit = (decide: (tx: never) => unknown) =>
    ctx.commit((tx) => {
      const result = decide(tx as never)
      tx.at({ account, region }).due(deliveries).delete(delivery.id)
      return result as object
    })
  const at = (place: Parameters<Context['at']>[0]) => takingAlong(delivery, ctx.at(place), home)
  return { ...ctx, trace: ctx.trace, commit: commit as Context['commit'], at }
}

function failureOf(error: AwsError): Outcome {
  const { code, message } = error
  const isFinal = error.status === 501 || failureFrom(error) instanceof DeliveryRefused
  return { kind: isFinal ? 'refused' : 'failed', code, message }
}
