/** "Glue Job Run Status": what a run tells when it takes longer than its NotifyDelayAfter says. */
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge'
import { BatchStopJobRunCommand, GetJobRunCommand, GlueClient, StartJobRunCommand } from '@aws-sdk/client-glue'
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect } from 'vitest'
import type { VirtualClock } from '../../src/clock.ts'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { jobBench } from './runs.ts'

const shell = { Name: 'pythonshell', PythonVersion: '3.9' }
const patience = { timeout: 30_000 }

async function noticesOf(igarape: Igarape): Promise<() => Promise<object[]>> {
  const sqs = igarape.client(SQSClient)
  const events = igarape.client(EventBridgeClient)
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'avisos' }))
  const EventPattern = JSON.stringify({ 'detail-type': ['Glue Job Run Status'] })
  await events.send(new PutRuleCommand({ Name: 'atrasos', EventPattern }))
  const Arn = 'arn:aws:sqs:us-east-1:000000000000:avisos'
  await events.send(new PutTargetsCommand({ Rule: 'atrasos', Targets: [{ Id: 'fila', Arn }] }))
  const received: object[] = []
  return async () => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
    for (const { Body = '', ReceiptHandle } of Messages) {
      received.push(JSON.parse(Body) as object)
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
    }
    return received
  }
}

/** Time goes on while a run is under way: what waits for the server to be settled would wait for the run. */
function passMinute(igarape: Igarape): void {
  const clock = igarape.server.platform.clock as VirtualClock
  clock.moveTo(clock.now() + 60_000)
}

test('a run that is under way when its NotifyDelayAfter has passed is an event, and one that is over by then is none', async ({
  igarape,
}) => {
  const glue = igarape.client(GlueClient)
  const jobs = await jobBench(igarape)
  const notices = await noticesOf(igarape)
  const place = (name: string) => ({ Command: { ...shell, ScriptLocation: `s3://lago/scripts/${name}.py` } })
  await jobs.job('espera', 'import time\ntime.sleep(600)\n', place('espera'))
  await jobs.job('logo', 'print("ok")\n', { ...place('logo'), NotificationProperty: { NotifyDelayAfter: 1 } })
  await jobs.run('logo')
  await igarape.clock.advance({ minutes: 2 })

  const NotificationProperty = { NotifyDelayAfter: 2 }
  const { JobRunId = '' } = await glue.send(new StartJobRunCommand({ JobName: 'espera', NotificationProperty }))
  const state = async () =>
    (await glue.send(new GetJobRunCommand({ JobName: 'espera', RunId: JobRunId }))).JobRun?.JobRunState
  await expect.poll(state, patience).toBe('RUNNING')
  passMinute(igarape)
  const before = [...(await notices())]
  passMinute(igarape)
  await expect.poll(notices, patience).toHaveLength(1)
  await glue.send(new BatchStopJobRunCommand({ JobName: 'espera', JobRunIds: [JobRunId] }))
  await igarape.settled()
  await igarape.clock.advance({ minutes: 10 })

  expect(before).toEqual([])
  expect(await notices()).toEqual([
    expect.objectContaining({
      source: 'aws.glue',
      'detail-type': 'Glue Job Run Status',
      detail: {
        jobName: 'espera',
        severity: 'INFO',
        notificationCondition: { NotifyDelayAfter: 2 },
        state: 'RUNNING',
        jobRunId: JobRunId,
        message: 'Job is in RUNNING state',
        startedOn: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      },
    }),
  ])
})
