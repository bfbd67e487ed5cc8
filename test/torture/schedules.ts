/**
 * Schedules under torture: what was acknowledged to be scheduled must be done. One kind is due as soon as it is made, one
 * some minutes later, when a clock that is moved in the midst of it has come there; one calls an operation.
 */
import { ListObjectsV2Command, type ListObjectsV2CommandOutput, S3Client } from '@aws-sdk/client-s3'
import { CreateScheduleCommand, type CreateScheduleInput, SchedulerClient } from '@aws-sdk/client-scheduler'
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs'
import { idsIn, type Played, queueArn } from './world.ts'

const RoleArn = 'arn:aws:iam::000000000000:role/scheduler'
const queue = 'scheduled'
const bucket = 'torture'
/** A schedule without a start fires as it is made, and then not in a month. */
const atOnce = 'rate(30 days)'
const minutesMax = 40
const minute = 60_000

export async function buildSchedules(server: Played): Promise<void> {
  await server.client(SQSClient).send(new CreateQueueCommand({ QueueName: queue }))
}

const schedule = (server: Played, id: string, given: Pick<CreateScheduleInput, 'ScheduleExpression' | 'Target'>) =>
  server
    .client(SchedulerClient)
    .send(new CreateScheduleCommand({ Name: id, FlexibleTimeWindow: { Mode: 'OFF' }, ...given }))

const toQueue = (id: string) => ({ Arn: queueArn(queue), RoleArn, Input: `<${id}>` })

/** By kind: makes a schedule, and resolves only when it was acknowledged. */
export const schedules: Record<string, (server: Played, id: string) => Promise<unknown>> = {
  scheduled: (server, id) => schedule(server, id, { ScheduleExpression: atOnce, Target: toQueue(id) }),

  timed(server, id) {
    const minutes = 1 + (Number(id.split('-')[1]) % minutesMax)
    const time = new Date(Date.now() + minutes * minute).toISOString().slice(0, 19)
    return schedule(server, id, { ScheduleExpression: `at(${time})`, Target: toQueue(id) })
  },

  called(server, id) {
    const Input = JSON.stringify({ Bucket: bucket, Key: `called/${id}`, Body: id })
    const Target = { Arn: 'arn:aws:scheduler:::aws-sdk:s3:putObject', RoleArn, Input }
    return schedule(server, id, { ScheduleExpression: atOnce, Target })
  },
}

/** By id: how often each was done. An object that was put twice is one. */
export async function findScheduled(server: Played): Promise<Record<string, Map<string, number>>> {
  const inQueue = await idsIn(server, queue)
  return { scheduled: inQueue, timed: inQueue, called: await idsCalled(server) }
}

async function idsCalled(server: Played): Promise<Map<string, number>> {
  const ids = new Map<string, number>()
  let page: ListObjectsV2CommandOutput | undefined
  do {
    const asked = { Bucket: bucket, Prefix: 'called/', ContinuationToken: page?.NextContinuationToken }
    page = await server.client(S3Client).send(new ListObjectsV2Command(asked))
    for (const { Key = '' } of page.Contents ?? []) ids.set(Key.slice('called/'.length), 1)
  } while (page.NextContinuationToken)
  return ids
}
