/** Where the outcome of an asynchronous invocation goes: destinations get AWS's record, dead-letter queues the event. */
import type { Tx } from '../../delivery/context.ts'
import type { AsyncInvocation } from './asyncInvocations.ts'
import { eventInvokeConfigs } from './eventInvokeConfigs.ts'
import { functionThing } from './functionMetrics.ts'
import { functionArn, latest } from './identifiers.ts'
import type { FunctionVersion } from './records.ts'
import { errorMessageOf, type RunResult } from './runtime.ts'

export interface EndedInvocation {
  invocation: AsyncInvocation
  version: FunctionVersion
  /** Absent where the function never ran. */
  result?: RunResult
}

export type Condition = 'Success' | 'RetriesExhausted' | 'EventAgeExceeded' | 'ZeroReservedConcurrency'

/** A dead letter says this much of the error. */
const errorMessageCharactersMax = 1024

export function sendSuccess(tx: Tx, ended: EndedInvocation): void {
  const arn = configOf(tx, ended)?.onSuccessArn
  if (arn) send(tx, arn, ended, 'Success')
}

export function sendFailure(tx: Tx, ended: EndedInvocation, condition: Condition): void {
  const arn = configOf(tx, ended)?.onFailureArn
  if (arn) send(tx, arn, ended, condition)
  const { deadLetterArn } = ended.version
  if (deadLetterArn) sendDeadLetter(tx, deadLetterArn, ended)
}

function configOf(tx: Tx, { invocation }: EndedInvocation) {
  return tx.in(eventInvokeConfigs).get(invocation.functionName, invocation.qualifier ?? latest)
}

function send(tx: Tx, arn: string, ended: EndedInvocation, condition: Condition): void {
  const { invocation, version, result } = ended
  const invokedArn = functionArn(tx, invocation.functionName, invocation.qualifier ?? latest)
  const record = {
    version: '1.0',
    timestamp: new Date(tx.now).toISOString(),
    requestContext: {
      requestId: invocation.requestId,
      functionArn: invokedArn,
      condition,
      approximateInvokeCount: invocation.attempts,
    },
    requestPayload: JSON.parse(invocation.payload),
    ...(result && {
      responseContext: {
        statusCode: 200,
        executedVersion: version.version,
        ...(result.functionError && { functionError: result.functionError }),
      },
      responsePayload: parsed(result.payload),
    }),
  }
  const bus = /^arn:aws[a-z-]*:events:[^:]*:[^:]*:event-bus\/(.+)$/.exec(arn)?.[1]
  if (bus) {
    const outcome = condition === 'Success' ? 'Success' : 'Failure'
    const detailType = `Lambda Function Invocation Result - ${outcome}`
    tx.emit({ source: 'lambda', 'detail-type': detailType, detail: record, resources: [arn, invokedArn], bus })
    return
  }
  const failureMetric = { ...functionThing(invocation.functionName), name: 'DestinationDeliveryFailures' }
  tx.deliver({ arn, payload: JSON.stringify(record), sender: senderOf(tx, ended), failureMetric })
}

function sendDeadLetter(tx: Tx, arn: string, ended: EndedInvocation): void {
  const { invocation, result } = ended
  const message = result ? errorMessageOf(result.payload) : 'Rate Exceeded.'
  const messageAttributes = {
    RequestID: { DataType: 'String', StringValue: invocation.requestId },
    ErrorCode: { DataType: 'Number', StringValue: result ? '200' : '429' },
    // An attribute is never empty.
    ErrorMessage: { DataType: 'String', StringValue: message.slice(0, errorMessageCharactersMax) || 'Unhandled' },
  }
  const failureMetric = { ...functionThing(invocation.functionName), name: 'DeadLetterErrors' }
  const sender = senderOf(tx, ended)
  tx.deliver({ arn, payload: invocation.payload, sender, parameters: { messageAttributes }, failureMetric })
}

function senderOf(tx: Tx, { version, invocation }: EndedInvocation) {
  return {
    principal: 'lambda.amazonaws.com',
    sourceArn: functionArn(tx, invocation.functionName),
    roleArn: version.role,
  }
}

function parsed(payload: Uint8Array): unknown {
  const text = Buffer.from(payload).toString('utf8')
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
