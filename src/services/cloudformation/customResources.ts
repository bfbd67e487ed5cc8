/**
 * Custom resources: a function or a topic is told what to do, and answers by a PUT to the URL it was given. The answer
 * is kept with its request, so it is not lost when it comes while the step is not looking.
 */

import { parseArn } from '../../delivery/arn.ts'
import type { Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { route } from '../route.ts'
import type { Made, SlowChange, SlowType } from './attempts.ts'
import { type StepItem, stepQueue } from './deployments.ts'
import { isObject, type Json, type JsonObject, TemplateError } from './templates.ts'

interface Answer {
  requestId: string
  scope: { account: string; region: string }
  item: StepItem
  answer?: JsonObject
}

/** The request's id is in the URL and cannot be guessed: whoever has it may answer, as with a presigned URL. */
const answers = collection<Answer>('cloudformation/answers', {
  version: 1,
  scope: 'global',
  key: (answer) => [answer.requestId],
})

const timeoutSecondsUsual = 3600
const answerBytesMax = 4096
const path = '/_igarape/cloudformation/answers'

export const customResources: SlowType = {
  timeoutSeconds: (properties) => Number(properties.ServiceTimeout ?? timeoutSecondsUsual),

  async begin(change) {
    const { ctx, requestId, item } = change
    const token = serviceToken(change.properties)
    if (change.present && serviceToken(change.present.properties) !== token && change.kind === 'Update') {
      throw new TemplateError('Modifying service token is not allowed.')
    }
    const scope = { account: ctx.account, region: ctx.region }
    await ctx.commit((tx) => {
      if (!tx.in(answers).has(requestId)) tx.in(answers).put({ requestId, scope, item })
    })
    await tell(change, token, JSON.stringify(requestOf(change, `${ctx.caller.endpoint}${path}/${requestId}`)))
  },

  outcome({ reader, requestId, kind, present }) {
    const answer = reader.in(answers).get(requestId)?.answer
    return answer && madeOf(answer, requestId, kind, present?.physicalId)
  },

  timedOut: ({ requestId }) => ({
    failure: `CloudFormation did not receive a response from your custom resource. Please check your logs for requestId [${requestId}]. If you are using the Python cfn-response module, you may need to update your Lambda function code so that CloudFormation can attach the updated version.`,
  }),
}

function serviceToken(properties: JsonObject): string {
  const token = properties.ServiceToken
  if (typeof token === 'string' && token !== '') return token
  throw new TemplateError('Property ServiceToken cannot be empty.')
}

/** Functions are invoked asynchronously, topics published to: CloudFormation waits for the PUT alone. */
async function tell({ ctx }: SlowChange, token: string, request: string): Promise<void> {
  const parts = parseArn(token)
  const place = parts && ctx.at({ account: parts.account, region: parts.region })
  if (place && parts.service === 'lambda') {
    await place
      .call('lambda')
      .Invoke({ FunctionName: token, InvocationType: 'Event', Payload: new TextEncoder().encode(request) })
  } else if (place && parts.service === 'sns') {
    await place.call('sns').Publish({
      TopicArn: token,
      Subject: 'AWS CloudFormation custom resource request',
      Message: request,
    })
  } else throw new TemplateError(`Invalid service token: ${token} is neither a function nor a topic.`)
}

function requestOf(change: SlowChange, responseUrl: string) {
  const { kind, stack, requestId, logicalId, type, properties, present } = change
  return {
    RequestType: kind,
    ServiceToken: properties.ServiceToken,
    ResponseURL: responseUrl,
    StackId: stack.arn,
    RequestId: requestId,
    LogicalResourceId: logicalId,
    ...(present && kind !== 'Create' && { PhysicalResourceId: present.physicalId }),
    ResourceType: type,
    ResourceProperties: asTexts(type === sdkCallType ? withPinnedSdk(properties) : properties),
    ...(present && kind === 'Update' && { OldResourceProperties: asTexts(present.properties) }),
  }
}

/** CDK's AwsCustomResource: its function makes a call that the properties describe. */
const sdkCallType = 'Custom::AWS'

/**
 * Unless told otherwise that function has npm fetch the newest SDK first, at every deployment. Functions here have a
 * pinned one with a client of every service that is here, so that stacks deploy in seconds and without a network.
 */
function withPinnedSdk(properties: JsonObject): JsonObject {
  return { ...properties, InstallLatestAwsSdk: false }
}

/** CloudFormation hands every scalar on as text. */
function asTexts(value: Json): Json {
  if (Array.isArray(value)) return value.map(asTexts)
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, asTexts(item)]))
  return value === null ? null : String(value)
}

function madeOf(answer: JsonObject, requestId: string, kind: SlowChange['kind'], presentId: string | undefined): Made {
  const id = typeof answer.PhysicalResourceId === 'string' ? answer.PhysicalResourceId : undefined
  if (answer.Status !== 'SUCCESS') {
    const words = `Received response status [${String(answer.Status)}] from custom resource. Message returned: ${String(answer.Reason ?? '')} (RequestId: ${requestId})`
    // A creation that failed half-way names what it made, so that the rollback deletes it.
    return { failure: words, ...(kind === 'Create' && id !== undefined && { physicalId: id }) }
  }
  const physicalId = id ?? (kind === 'Create' ? undefined : presentId)
  if (!physicalId) return { failure: 'Invalid PhysicalResourceId' }
  return { physicalId, attributes: isObject(answer.Data) ? answer.Data : {} }
}

export function forgetAnswer(tx: Tx, requestId: string): void {
  if (tx.in(answers).has(requestId)) tx.in(answers).delete(requestId)
}

export const answerRoute = route('PUT', `${path}/:requestId`, async (request, platform) => {
  const body = await request.body()
  const pending = platform.store.in(answers, platform.options).get(request.parameters.requestId ?? '')
  if (!pending) return { status: 404, headers: {}, body: '' }
  const answer = readAnswer(body)
  const ctx = platform.context(pending.scope)
  await ctx.commit((tx) => {
    const present = tx.in(answers).get(pending.requestId)
    // The first answer counts.
    if (!present || present.answer) return
    tx.in(answers).put({ ...present, answer })
    wake(tx, present.item)
  })
  return { status: 200, headers: {}, body: '' }
})

/** A step that waits runs again: its time is set into the past, so that it differs from the time it may be running at. */
export function wake(tx: Tx, item: Pick<StepItem, 'id'>): void {
  const row = tx.due(stepQueue).get(item.id)
  if (row) tx.due(stepQueue).put({ ...row, dueAt: tx.now - 1 })
}

function readAnswer(body: Uint8Array): JsonObject {
  if (body.byteLength > answerBytesMax) return { Status: 'FAILED', Reason: 'Response object is too long.' }
  try {
    const answer: unknown = JSON.parse(new TextDecoder().decode(body))
    if (isObject(answer)) return answer
  } catch {
    // Said below: the function's answer is at fault, not this request.
  }
  return { Status: 'FAILED', Reason: 'Invalid response object: it is no JSON object.' }
}
