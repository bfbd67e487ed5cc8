/** What does not arrive: how often and how long it is tried again, its dead letter, and what is counted of it. */

import { EventBridgeClient, PutRuleCommand, PutTargetsCommand, type Target } from '@aws-sdk/client-eventbridge'
import { CreateFunctionCommand, DeleteFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { CreateQueueCommand, DeleteQueueCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { strToU8, zipSync } from 'fflate'
import { describe, expect, onTestFinished } from 'vitest'
import type { MinuteOfSource } from '../../src/observe/meters.ts'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { deadLetters, putEvents, sendingTo } from './destinations.ts'
import { type WebServer, webServer } from './webServer.ts'

const account = '000000000000'
const queueArn = (name: string) => `arn:aws:sqs:us-east-1:${account}:${name}`
const ruleArn = `arn:aws:events:us-east-1:${account}:rule/out`

async function down(): Promise<WebServer> {
  const web = await webServer([{ status: 503 }])
  onTestFinished(() => web.close())
  return web
}

/** The meters of a source, summed over all minutes: how often each counted. */
async function counts(igarape: Igarape, source: string): Promise<Record<string, number>> {
  const response = await fetch(`${igarape.endpoint}/_igarape/meters`)
  const { minutes } = (await response.json()) as { minutes: MinuteOfSource[] }
  const sums: Record<string, number> = {}
  for (const { meters } of minutes.filter((each) => each.source === source)) {
    for (const [meter, { count }] of Object.entries(meters)) sums[meter] = (sums[meter] ?? 0) + count
  }
  return sums
}

async function ruleTo(igarape: Igarape, target: Omit<Target, 'Id'>): Promise<void> {
  const events = igarape.client(EventBridgeClient)
  await events.send(new PutRuleCommand({ Name: 'out', EventPattern: '{"source":["app"]}' }))
  await events.send(new PutTargetsCommand({ Rule: 'out', Targets: [{ Id: 't', ...target } as Target] }))
}

describe('retries', () => {
  test('go on for a day by default, further and further apart', async ({ igarape }) => {
    const web = await down()
    await sendingTo(igarape, web.url)
    await putEvents(igarape, { id: 1 })
    await igarape.clock.advance({ minutes: 1 })
    const early = web.asked.length
    await igarape.clock.advance({ hours: 20 })
    expect(await deadLetters(igarape)).toEqual([])
    await igarape.clock.advance({ hours: 4 })

    expect(early).toBeGreaterThanOrEqual(5)
    expect(web.asked.length).toBeGreaterThan(140)
    expect(web.asked.length).toBeLessThanOrEqual(186)
    expect(await deadLetters(igarape)).toHaveLength(1)
  })

  test('use the age of the event to its end', async ({ igarape }) => {
    const web = await down()
    await sendingTo(igarape, web.url, { target: { RetryPolicy: { MaximumEventAgeInSeconds: 60 } } })
    await putEvents(igarape, { id: 1 })
    await igarape.clock.advance({ seconds: 59 })
    const before = web.asked.length
    expect(await deadLetters(igarape)).toEqual([])
    await igarape.clock.advance({ seconds: 1 })

    expect(web.asked.length).toBe(before + 1)
    expect(await deadLetters(igarape)).toMatchObject([
      { EXHAUSTED_RETRY_CONDITION: 'MaximumEventAgeInSeconds', RETRY_ATTEMPTS: String(before), RULE_ARN: ruleArn },
    ])
  })

  test('are limited as AWS limits them', async ({ igarape }) => {
    for (const RetryPolicy of [{ MaximumRetryAttempts: 186 }, { MaximumEventAgeInSeconds: 59 }]) {
      const put = ruleTo(igarape, { Arn: queueArn('q'), RetryPolicy })
      await expect(put).rejects.toMatchObject({ name: 'ValidationException' })
    }
  })
})

describe('a dead letter at once', () => {
  test('where the queue of the target is gone, with the code of EventBridge', async ({ igarape }) => {
    const sqs = igarape.client(SQSClient)
    await sqs.send(new CreateQueueCommand({ QueueName: 'dead' }))
    await ruleTo(igarape, { Arn: queueArn('gone'), DeadLetterConfig: { Arn: queueArn('dead') } })
    await putEvents(igarape, { id: 1 })

    const [letter] = await deadLetters(igarape)
    expect(letter).toMatchObject({
      ERROR_CODE: 'NO_RESOURCE',
      ERROR_MESSAGE: 'The specified queue does not exist.',
      RETRY_ATTEMPTS: '0',
      RULE_ARN: ruleArn,
      TARGET_ARN: queueArn('gone'),
    })
    expect(letter).not.toHaveProperty('EXHAUSTED_RETRY_CONDITION')
    expect(JSON.parse(letter?.body ?? '')).toMatchObject({ source: 'app', detail: { id: 1 } })
  })

  test('where its policy does not let EventBridge in', async ({ igarape }) => {
    const sqs = igarape.client(SQSClient)
    await sqs.send(new CreateQueueCommand({ QueueName: 'dead' }))
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }))
    const Statement = { Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: '*', Resource: '*' }
    const Attributes = { Policy: JSON.stringify({ Statement }) }
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }))
    await ruleTo(igarape, { Arn: queueArn('q'), DeadLetterConfig: { Arn: queueArn('dead') } })
    await putEvents(igarape, { id: 1 })

    expect(await deadLetters(igarape)).toMatchObject([{ ERROR_CODE: 'NO_PERMISSIONS', RETRY_ATTEMPTS: '0' }])
  })

  test('where the event is wrong for the target', async ({ igarape }) => {
    const sqs = igarape.client(SQSClient)
    await sqs.send(new CreateQueueCommand({ QueueName: 'dead' }))
    const Attributes = { MaximumMessageSize: '1024' }
    await sqs.send(new CreateQueueCommand({ QueueName: 'small', Attributes }))
    await ruleTo(igarape, { Arn: queueArn('small'), DeadLetterConfig: { Arn: queueArn('dead') } })
    await putEvents(igarape, { text: 'x'.repeat(2_000) })

    expect(await deadLetters(igarape)).toMatchObject([{ ERROR_CODE: 'INVALID_PARAMETER', RETRY_ATTEMPTS: '0' }])
  })

  test('where a function is gone; one that raises is a matter of Lambda', async ({ igarape }) => {
    const lambda = igarape.client(LambdaClient)
    await igarape.client(SQSClient).send(new CreateQueueCommand({ QueueName: 'dead' }))
    const ZipFile = zipSync({ 'index.mjs': strToU8('export const handler = async () => { throw new Error("no") }') })
    const { FunctionArn: Arn = '' } = await lambda.send(
      new CreateFunctionCommand({
        FunctionName: 'raises',
        Runtime: 'nodejs20.x',
        Handler: 'index.handler',
        Role: `arn:aws:iam::${account}:role/f`,
        Code: { ZipFile },
      }),
    )
    await ruleTo(igarape, { Arn, DeadLetterConfig: { Arn: queueArn('dead') } })
    await putEvents(igarape, { id: 1 })
    await igarape.clock.advance({ hours: 7 })
    expect(await deadLetters(igarape)).toEqual([])
    await lambda.send(new DeleteFunctionCommand({ FunctionName: 'raises' }))
    await putEvents(igarape, { id: 2 })

    expect(await deadLetters(igarape)).toMatchObject([{ ERROR_CODE: 'NO_RESOURCE' }])
    expect(await counts(igarape, ruleArn)).toMatchObject({ invocationsDelivered: 1, invocationsFailed: 1 })
  })
})

describe('what is counted', () => {
  test('for a rule: what it triggered, each try, and where the event ended', async ({ igarape }) => {
    const web = await webServer([{ status: 500 }, { status: 429 }, {}])
    onTestFinished(() => web.close())
    await sendingTo(igarape, web.url)
    await putEvents(igarape, { id: 1 })
    await igarape.clock.advance({ minutes: 2 })

    expect(await counts(igarape, ruleArn)).toEqual({
      rulesTriggered: 1,
      invocations: 1,
      invocationAttempts: 3,
      invocationRetries: 2,
      invocationsThrottled: 1,
      invocationsDelivered: 1,
      ingestionToStartMillis: 1,
      ingestionToEndMillis: 1,
    })
    const bus = `arn:aws:events:us-east-1:${account}:event-bus/default`
    expect(await counts(igarape, bus)).toEqual({ eventsReceived: 1, eventsMatched: 1 })
  })

  test('what fails for good is dropped, sent to its dead-letter queue, or lost by that queue', async ({ igarape }) => {
    const sqs = igarape.client(SQSClient)
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'dead' }))
    const send = async (target: object) => {
      await ruleTo(igarape, { Arn: queueArn('gone'), ...target })
      await putEvents(igarape, { id: 1 })
    }
    await send({})
    await send({ DeadLetterConfig: { Arn: queueArn('dead') } })
    await sqs.send(new DeleteQueueCommand({ QueueUrl }))
    await send({ DeadLetterConfig: { Arn: queueArn('dead') } })

    expect(await counts(igarape, ruleArn)).toMatchObject({
      invocationsFailed: 3,
      dropped: 1,
      sentToDeadLetter: 1,
      notSentToDeadLetter: 1,
    })
    const traces = await (await fetch(`${igarape.endpoint}/_igarape/traces`)).text()
    expect(JSON.parse(traces).traces).toHaveLength(3)
  })

  test('is gone after a reset', async ({ igarape }) => {
    await putEvents(igarape, { id: 1 })
    await igarape.reset()

    expect((await (await fetch(`${igarape.endpoint}/_igarape/meters`)).json()) as object).toEqual({ minutes: [] })
  })
})
