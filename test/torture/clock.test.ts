/**
 * A clock that is set back, as a machine's may be: the order of changes stays, what is due comes, nothing is lost. And a
 * virtual clock whose server is killed while it moves.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge'
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { expect, test } from 'vitest'
import { type VirtualClock, virtualClock } from '../../src/clock.ts'
import { startIgarape } from '../../src/testkit/server.ts'
import { queueArn } from '../simulation/arns.ts'
import { ServerProcess } from './serverProcess.ts'
import { idsIn } from './world.ts'

const hour = 3_600_000

/** Goes on from another time when it is told to. */
function setClock(start: number): { clock: VirtualClock; setBack(by: number): void } {
  const steady = virtualClock(start)
  let offset = 0
  const clock: VirtualClock = {
    kind: 'virtual',
    now: () => steady.now() + offset,
    wakeAt: (at, wake) => steady.wakeAt(at - offset, wake),
    moveTo: (to) => steady.moveTo(to - offset),
    nextWake: () => {
      const next = steady.nextWake()
      return next === undefined ? undefined : next + offset
    },
  }
  return {
    clock,
    setBack: (by) => {
      offset -= by
    },
  }
}

test('a clock set back an hour changes no order and loses nothing', async () => {
  const { clock, setBack } = setClock(Date.UTC(2025, 9, 20, 8))
  const igarape = await startIgarape({ parts: { clock } })
  const [s3, sqs, events] = [igarape.client(S3Client), igarape.client(SQSClient), igarape.client(EventBridgeClient)]
  const Bucket = 'vendas'
  await sqs.send(new CreateQueueCommand({ QueueName: 'arrived' }))
  await sqs.send(new CreateQueueCommand({ QueueName: 'delayed' }))
  await events.send(new PutRuleCommand({ Name: 'all', EventPattern: '{"source":["aws.s3"]}' }))
  await events.send(new PutTargetsCommand({ Rule: 'all', Targets: [{ Id: 'q', Arn: queueArn('arrived') }] }))
  await s3.send(new CreateBucketCommand({ Bucket }))
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }))
  const NotificationConfiguration = { EventBridgeConfiguration: {} }
  await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }))
  const put = (Key: string, Body: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body }))
  const QueueUrl = `${igarape.endpoint}/000000000000/delayed`
  const send = (id: string) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: `<${id}>`, DelaySeconds: 60 }))

  const first = await put('<loja-1>', 'before')
  await send('before-1')
  setBack(hour)
  const second = await put('<loja-1>', 'after')
  await put('<loja-2>', 'after')
  await send('after-1')
  await igarape.clock.advance({ hours: 2 })
  await igarape.settled()

  const newest = await s3.send(new GetObjectCommand({ Bucket, Key: '<loja-1>' }))
  expect(await newest.Body?.transformToString()).toBe('after')
  const { Versions } = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: '<loja-1>' }))
  expect(Versions?.map(({ VersionId }) => VersionId)).toEqual([second.VersionId, first.VersionId])
  expect(new Set((await idsIn(igarape, 'arrived')).keys())).toEqual(new Set(['loja-1', 'loja-2']))
  expect(new Set((await idsIn(igarape, 'delayed')).keys())).toEqual(new Set(['before-1', 'after-1']))
  await igarape.stop()
})

test('a server killed while its virtual clock is moved does not start before the times of what it did', async () => {
  const data = mkdtempSync(join(tmpdir(), 'igarape-clock-'))
  const first = await ServerProcess.start(data)
  const events = first.client(EventBridgeClient)
  await first.client(SQSClient).send(new CreateQueueCommand({ QueueName: 'minutes' }))
  await events.send(new PutRuleCommand({ Name: 'each', ScheduleExpression: 'rate(1 minute)' }))
  await events.send(new PutTargetsCommand({ Rule: 'each', Targets: [{ Id: 'q', Arn: queueArn('minutes') }] }))
  const moving = first.control('/clock', { advance: '30d' }).catch(() => 'killed')
  const waiting = { QueueUrl: `${first.endpoint}/000000000000/minutes`, AttributeNames: ['All' as const] }
  let count = 0
  while (count < 200) {
    const { Attributes } = await first.client(SQSClient).send(new GetQueueAttributesCommand(waiting))
    count = Number(Attributes?.ApproximateNumberOfMessages)
  }
  await first.kill()
  expect(await moving).toBe('killed')

  const second = await ServerProcess.start(data)
  const { now } = (await (await fetch(`${second.endpoint}/_igarape/clock`)).json()) as { now: string }
  const QueueUrl = `${second.endpoint}/000000000000/minutes`
  const { Messages: [message] = [] } = await second
    .client(SQSClient)
    .send(new ReceiveMessageCommand({ QueueUrl, AttributeNames: ['All'] }))
  const firstSentAt = Number(message?.Attributes?.SentTimestamp)
  expect(Date.parse(now)).toBeGreaterThanOrEqual(firstSentAt + (count - 1) * 60_000)
  await second.kill()
  rmSync(data, { recursive: true })
}, 60_000)
