/** Asynchronous invocations: retries on the clock, destinations, dead letters, throttling. */
import {
  CreateFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  InvokeCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
} from '@aws-sdk/client-lambda'
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { invoke, makeFunction } from './samples.ts'

const failing = "exports.handler = async (event) => { throw new Error('no luck with ' + event.n) }"

async function makeQueue(igarape: Igarape, name: string): Promise<{ url: string; arn: string }> {
  const { QueueUrl } = await igarape.client(SQSClient).send(new CreateQueueCommand({ QueueName: name }))
  return { url: QueueUrl as string, arn: `arn:aws:sqs:us-east-1:000000000000:${name}` }
}

async function received(igarape: Igarape, url: string) {
  const { Messages = [] } = await igarape
    .client(SQSClient)
    .send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }))
  return Messages
}

function invokeLater(igarape: Igarape, name: string, event: unknown) {
  return igarape
    .client(LambdaClient)
    .send(new InvokeCommand({ FunctionName: name, InvocationType: 'Event', Payload: JSON.stringify(event) }))
}

test('an event that fails is tried again after one minute and two more, then reported', async ({ igarape }) => {
  const failures = await makeQueue(igarape, 'failures')
  const arn = await makeFunction(igarape, 'failing', failing)
  await igarape.client(LambdaClient).send(
    new PutFunctionEventInvokeConfigCommand({
      FunctionName: 'failing',
      DestinationConfig: { OnFailure: { Destination: failures.arn } },
    }),
  )

  const accepted = await invokeLater(igarape, 'failing', { n: 7 })
  await igarape.settled()
  await igarape.clock.advance({ seconds: 61 })
  expect(await received(igarape, failures.url)).toEqual([])
  await igarape.clock.advance({ seconds: 121 })

  expect(accepted.StatusCode).toBe(202)
  const [letter] = await received(igarape, failures.url)
  expect(JSON.parse(letter?.Body as string)).toMatchObject({
    version: '1.0',
    requestContext: {
      requestId: accepted.$metadata.requestId,
      functionArn: `${arn}:$LATEST`,
      condition: 'RetriesExhausted',
      approximateInvokeCount: 3,
    },
    requestPayload: { n: 7 },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: { errorType: 'Error', errorMessage: 'no luck with 7' },
  })
})

test('the dead-letter queue of a function gets the event itself, with the error in its attributes', async ({
  igarape,
}) => {
  const letters = await makeQueue(igarape, 'letters')
  await makeFunction(igarape, 'failing', failing, { DeadLetterConfig: { TargetArn: letters.arn } })
  await igarape
    .client(LambdaClient)
    .send(new PutFunctionEventInvokeConfigCommand({ FunctionName: 'failing', MaximumRetryAttempts: 0 }))

  const accepted = await invokeLater(igarape, 'failing', { n: 1 })
  await igarape.settled()

  const [letter] = await received(igarape, letters.url)
  expect(letter?.Body).toBe('{"n":1}')
  expect(letter?.MessageAttributes).toMatchObject({
    RequestID: { StringValue: accepted.$metadata.requestId },
    ErrorCode: { DataType: 'Number', StringValue: '200' },
    ErrorMessage: { StringValue: 'no luck with 1' },
  })
})

test('a success goes to its destination, and another function can be one', async ({ igarape }) => {
  const successes = await makeQueue(igarape, 'successes')
  await makeFunction(igarape, 'first', 'exports.handler = async (event) => ({ doubled: event.n * 2 })')
  const second = await makeFunction(igarape, 'second', 'exports.handler = async (event) => event.responsePayload')
  const lambda = igarape.client(LambdaClient)
  const config = (FunctionName: string, Destination: string) =>
    lambda.send(
      new PutFunctionEventInvokeConfigCommand({ FunctionName, DestinationConfig: { OnSuccess: { Destination } } }),
    )
  await config('first', second)
  await config('second', successes.arn)

  await invokeLater(igarape, 'first', { n: 21 })
  await igarape.settled()

  const [message] = await received(igarape, successes.url)
  expect(JSON.parse(message?.Body as string)).toMatchObject({
    requestContext: { condition: 'Success', approximateInvokeCount: 1 },
    responsePayload: { doubled: 42 },
  })
})

test('a function with no concurrency left is throttled, and its events wait for it', async ({ igarape }) => {
  const lambda = igarape.client(LambdaClient)
  const successes = await makeQueue(igarape, 'successes')
  const slow = 'exports.handler = (event, context, callback) => setTimeout(() => callback(null, event.n), 300)'
  await makeFunction(igarape, 'single', slow)
  await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'single', ReservedConcurrentExecutions: 1 }))
  const onSuccess = { OnSuccess: { Destination: successes.arn } }
  await lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName: 'single', DestinationConfig: onSuccess }))

  const both = await Promise.allSettled([invoke(igarape, 'single', { n: 1 }), invoke(igarape, 'single', { n: 2 })])
  await Promise.all([invokeLater(igarape, 'single', { n: 3 }), invokeLater(igarape, 'single', { n: 4 })])
  await igarape.clock.advance({ seconds: 10 })

  const refused = both.filter((one) => one.status === 'rejected').map((one) => one.reason)
  expect(refused).toMatchObject([
    {
      name: 'TooManyRequestsException',
      message: 'Rate Exceeded.',
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
    },
  ])
  expect(await received(igarape, successes.url)).toHaveLength(2)
  await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName: 'single' }))
})

test('a reserved concurrency of zero sends events to the failure destination at once', async ({ igarape }) => {
  const lambda = igarape.client(LambdaClient)
  const failures = await makeQueue(igarape, 'failures')
  await makeFunction(igarape, 'off', failing)
  await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'off', ReservedConcurrentExecutions: 0 }))
  const onFailure = { OnFailure: { Destination: failures.arn } }
  await lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName: 'off', DestinationConfig: onFailure }))

  await invokeLater(igarape, 'off', {})
  await igarape.settled()

  const [letter] = await received(igarape, failures.url)
  expect(JSON.parse(letter?.Body as string).requestContext).toMatchObject({
    condition: 'ZeroReservedConcurrency',
    approximateInvokeCount: 0,
  })
})

test('what is no runtime, no archive or no limit of AWS is refused in its words', async ({ igarape }) => {
  const make = (settings: object) =>
    igarape.client(LambdaClient).send(
      new CreateFunctionCommand({
        FunctionName: 'wrong',
        Role: 'arn:aws:iam::000000000000:role/r',
        Runtime: 'nodejs20.x',
        Handler: 'index.handler',
        Code: { ZipFile: Buffer.from('this is no archive') },
        ...settings,
      }),
    )

  await expect(make({})).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
    message: 'Could not unzip uploaded file. Please check your file, then try to upload again.',
  })
  await expect(make({ Runtime: 'java21' })).rejects.toMatchObject({ name: 'NotImplemented' })
  await expect(make({ Runtime: 'cobol' })).rejects.toMatchObject({ name: 'InvalidParameterValueException' })
  await expect(make({ Timeout: 901 })).rejects.toMatchObject({ name: 'ValidationException' })
  await expect(make({ MemorySize: 64 })).rejects.toMatchObject({ name: 'ValidationException' })
  await expect(make({ Environment: { Variables: { AWS_REGION: 'x' } } })).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
    message: expect.stringContaining('Reserved keys used in this request: AWS_REGION'),
  })
  await expect(make({ PackageType: 'Image', Code: { ImageUri: 'x' } })).rejects.toMatchObject({
    name: 'NotImplemented',
  })
})
