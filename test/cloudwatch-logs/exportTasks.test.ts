/** Export tasks: a group's events as gzip files in a bucket. */
import { gunzipSync } from 'node:zlib'
import {
  CancelExportTaskCommand,
  CloudWatchLogsClient,
  CreateExportTaskCommand,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DescribeExportTasksCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { expect } from 'vitest'
import { test } from '../fixture.ts'

test('the events of some time and some streams are exported as lines, a folder for each stream', async ({
  igarape,
}) => {
  const [logs, s3] = [igarape.client(CloudWatchLogsClient), igarape.client(S3Client)]
  const now = igarape.clock.now().getTime()
  await s3.send(new CreateBucketCommand({ Bucket: 'logs' }))
  await logs.send(new CreateLogGroupCommand({ logGroupName: '/app' }))
  for (const logStreamName of ['web/1', 'web/2', 'other']) {
    const place = { logGroupName: '/app', logStreamName }
    await logs.send(new CreateLogStreamCommand(place))
    const logEvents = [-9, -2, -1].map((offset) => ({ timestamp: now + offset, message: `${logStreamName} ${offset}` }))
    await logs.send(new PutLogEventsCommand({ ...place, logEvents }))
  }
  const wanted = { logGroupName: '/app', logStreamNamePrefix: 'web', from: now - 5, to: now, destination: 'logs' }

  const { taskId } = await logs.send(new CreateExportTaskCommand({ ...wanted, destinationPrefix: 'out' }))
  await igarape.settled()

  const { exportTasks } = await logs.send(new DescribeExportTasksCommand({ taskId }))
  expect(exportTasks).toMatchObject([{ taskId, status: { code: 'COMPLETED' }, destinationPrefix: 'out' }])
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: 'logs' }))
  expect(Contents?.map(({ Key }) => Key).sort()).toEqual(
    [`out/${taskId}/web-1/000000.gz`, `out/${taskId}/web-2/000000.gz`, 'out/aws-logs-write-test'].sort(),
  )
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'logs', Key: `out/${taskId}/web-1/000000.gz` }))
  const time = (offset: number) => new Date(now + offset).toISOString()
  expect(gunzipSync((await Body?.transformToByteArray()) ?? '').toString()).toBe(
    `${time(-2)} web/1 -2\n${time(-1)} web/1 -1\n`,
  )
  await expect(logs.send(new CancelExportTaskCommand({ taskId }))).rejects.toMatchObject({
    name: 'InvalidOperationException',
  })
})

test('an export into no bucket, or of no group, is refused', async ({ igarape }) => {
  const logs = igarape.client(CloudWatchLogsClient)
  const wanted = { logGroupName: '/app', from: 0, to: 1, destination: 'nowhere' }

  await expect(logs.send(new CreateExportTaskCommand(wanted))).rejects.toMatchObject({
    name: 'InvalidParameterException',
    message: 'The given bucket does not exist. Please check if the bucket specified is correct.',
  })
  await igarape.client(S3Client).send(new CreateBucketCommand({ Bucket: 'logs' }))
  await expect(logs.send(new CreateExportTaskCommand({ ...wanted, destination: 'logs' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
})
