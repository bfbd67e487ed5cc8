import {
  AddPermissionCommand,
  RemovePermissionCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { expect } from 'vitest'
import { test } from '../fixture.ts'
import { attributesOf, makeQueue } from './queues.ts'

const AWSAccountIds = ['111122223333']
const overLimit = (words: string) => ({ name: 'OverLimit', message: words, $metadata: { httpStatusCode: 403 } })

test('permissions become statements of the policy, and go again by their label', async ({ igarape }) => {
  const sqs = igarape.client(SQSClient)
  const { url: QueueUrl, arn } = await makeQueue(sqs, 'fila')

  await sqs.send(new AddPermissionCommand({ QueueUrl, Label: 'a', AWSAccountIds, Actions: ['SendMessage'] }))
  await expect(
    sqs.send(new AddPermissionCommand({ QueueUrl, Label: 'a', AWSAccountIds, Actions: ['SendMessage'] })),
  ).rejects.toThrow('Value a for parameter Label is invalid. Reason: Already exists.')

  expect(JSON.parse((await attributesOf(sqs, QueueUrl)).Policy ?? '').Statement).toEqual([
    {
      Sid: 'a',
      Effect: 'Allow',
      Principal: { AWS: ['arn:aws:iam::111122223333:root'] },
      Action: ['SQS:SendMessage'],
      Resource: arn,
    },
  ])
  await sqs.send(new RemovePermissionCommand({ QueueUrl, Label: 'a' }))
  expect(await attributesOf(sqs, QueueUrl)).not.toHaveProperty('Policy')
})

test('more statements or actions than AWS takes are over the limit', async ({ igarape }) => {
  const sqs = igarape.client(SQSClient)
  const { url: QueueUrl } = await makeQueue(sqs, 'fila')
  const add = (Label: string, Actions: string[]) =>
    sqs.send(new AddPermissionCommand({ QueueUrl, Label, AWSAccountIds, Actions }))

  for (let label = 0; label < 20; label++) await add(`p${label}`, ['ReceiveMessage'])

  await expect(add('p20', ['ReceiveMessage'])).rejects.toMatchObject(
    overLimit('21 statements were found in the submitted policy, max allowed is 20'),
  )
  expect(JSON.parse((await attributesOf(sqs, QueueUrl)).Policy ?? '').Statement).toHaveLength(20)
  const Action = Array.from({ length: 8 }, (_, action) => `sqs:Action${action}`)
  const Policy = JSON.stringify({ Statement: [{ Effect: 'Allow', Principal: '*', Action, Resource: '*' }] })
  await expect(sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }))).rejects.toMatchObject(
    overLimit('8 actions were found in a statement from the submitted policy, max allowed is 7'),
  )
})

test.for([
  ['DeleteQueue', 'Only the queue owner is allowed to invoke this action.'],
  ['Voar', 'Please refer to the appropriate WSDL for a list of valid actions.'],
])('%s cannot be permitted', async ([action = '', reason], { igarape }) => {
  const sqs = igarape.client(SQSClient)
  const { url: QueueUrl } = await makeQueue(sqs, 'fila')

  await expect(
    sqs.send(new AddPermissionCommand({ QueueUrl, Label: 'a', AWSAccountIds, Actions: [action] })),
  ).rejects.toThrow(`Value SQS:${action} for parameter ActionName is invalid. Reason: ${reason}`)
})
