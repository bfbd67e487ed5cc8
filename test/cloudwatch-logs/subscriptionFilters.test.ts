/** Subscription filters: a function gets what passes, in CloudWatch Logs' envelope. */
import { gunzipSync } from 'node:zlib'
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteSubscriptionFilterCommand,
  DescribeSubscriptionFiltersCommand,
  FilterLogEventsCommand,
  PutLogEventsCommand,
  PutSubscriptionFilterCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { AddPermissionCommand, LambdaClient, RemovePermissionCommand } from '@aws-sdk/client-lambda'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { makeFunction } from '../lambda/samples.ts'

const place = { logGroupName: '/app', logStreamName: 's' }
const printing = 'exports.handler = async (event) => { console.log("GOT " + event.awslogs.data + " END") }'

async function logsAndFunction(igarape: Igarape, principal = 'logs.amazonaws.com') {
  const logs = igarape.client(CloudWatchLogsClient)
  await logs.send(new CreateLogGroupCommand({ logGroupName: '/app' }))
  await logs.send(new CreateLogStreamCommand(place))
  const destinationArn = await makeFunction(igarape, 'taker', printing)
  await igarape.client(LambdaClient).send(
    new AddPermissionCommand({
      FunctionName: 'taker',
      StatementId: 'logs',
      Action: 'lambda:InvokeFunction',
      Principal: principal,
      SourceArn: 'arn:aws:logs:us-east-1:000000000000:log-group:/app:*',
    }),
  )
  const subscribe = (filterName: string, filterPattern: string, more: object = {}) =>
    logs.send(
      new PutSubscriptionFilterCommand({ logGroupName: '/app', filterName, filterPattern, destinationArn, ...more }),
    )
  return { logs, subscribe }
}

/** What the function was handed, unpacked. */
async function taken(logs: CloudWatchLogsClient): Promise<{ logEvents: { id: string; message: string }[] }[]> {
  const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName: '/aws/lambda/taker' }))
  return events.flatMap(({ message = '' }) => {
    const data = /GOT (\S+) END/.exec(message)?.[1]
    return data ? [JSON.parse(gunzipSync(Buffer.from(data, 'base64')).toString())] : []
  })
}

test('a function gets the events that pass, gzipped in an envelope, with the ids that searches show', async ({
  igarape,
}) => {
  const { logs, subscribe } = await logsAndFunction(igarape)
  await subscribe('errors', 'ERROR')
  const timestamp = igarape.clock.now().getTime()
  const logEvents = ['INFO a', 'ERROR b', 'ERROR ç'].map((message) => ({ timestamp, message }))
  await logs.send(new PutLogEventsCommand({ ...place, logEvents }))
  await logs.send(new PutLogEventsCommand({ ...place, logEvents: [{ timestamp, message: 'INFO' }] }))
  await igarape.settled()

  const { events } = await logs.send(new FilterLogEventsCommand({ logGroupName: '/app', filterPattern: 'ERROR' }))
  expect(await taken(logs)).toEqual([
    {
      messageType: 'DATA_MESSAGE',
      owner: '000000000000',
      logGroup: '/app',
      logStream: 's',
      subscriptionFilters: ['errors'],
      logEvents: events?.map(({ eventId, message }) => ({ id: eventId, timestamp, message })),
    },
  ])
})

test('more than an invocation holds comes in several', async ({ igarape }) => {
  const { logs, subscribe } = await logsAndFunction(igarape, 'logs.us-east-1.amazonaws.com')
  await subscribe('all', '')
  const timestamp = igarape.clock.now().getTime()
  const logEvents = ['a', 'b', 'c'].map((letter) => ({ timestamp, message: letter.repeat(100_000) }))
  await logs.send(new PutLogEventsCommand({ ...place, logEvents }))
  await igarape.settled()

  const letters = (await taken(logs)).flatMap((one) => one.logEvents.map(({ message }) => message[0]))
  expect(letters.sort()).toEqual(['a', 'b', 'c'])
})

test('a group has two subscriptions, described by name, until one is deleted', async ({ igarape }) => {
  const { logs, subscribe } = await logsAndFunction(igarape)
  await subscribe('a', 'A')
  await subscribe('b', 'B')
  await subscribe('b', 'C')

  await expect(subscribe('c', '')).rejects.toMatchObject({ name: 'LimitExceededException' })
  const described = await logs.send(new DescribeSubscriptionFiltersCommand({ logGroupName: '/app' }))
  expect(described.subscriptionFilters).toMatchObject([
    { filterName: 'a', filterPattern: 'A', distribution: 'ByLogStream' },
    { filterName: 'b', filterPattern: 'C', destinationArn: 'arn:aws:lambda:us-east-1:000000000000:function:taker' },
  ])
  await logs.send(new DeleteSubscriptionFilterCommand({ logGroupName: '/app', filterName: 'a' }))
  await subscribe('c', '')
})

test('a function that is not there, or lets nobody in, is refused; streams of other services by name', async ({
  igarape,
}) => {
  const { subscribe } = await logsAndFunction(igarape, 's3.amazonaws.com')
  const permission = {
    name: 'InvalidParameterException',
    message:
      'Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute your function.',
  }

  await expect(subscribe('a', '')).rejects.toMatchObject(permission)
  await igarape.client(LambdaClient).send(new RemovePermissionCommand({ FunctionName: 'taker', StatementId: 'logs' }))
  await subscribe('a', '')
  const gone = { destinationArn: 'arn:aws:lambda:us-east-1:000000000000:function:gone' }
  await expect(subscribe('b', '', gone)).rejects.toMatchObject(permission)
  const stream = { destinationArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/x' }
  await expect(subscribe('b', '', stream)).rejects.toMatchObject({
    name: 'NotImplemented',
    message: 'A subscription filter to kinesis is not implemented by Igarapé.',
  })
})
