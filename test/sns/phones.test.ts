import {
  CheckIfPhoneNumberIsOptedOutCommand,
  CreateTopicCommand,
  GetSMSAttributesCommand,
  ListPhoneNumbersOptedOutCommand,
  OptInPhoneNumberCommand,
  PublishCommand,
  SetSMSAttributesCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

async function outbox(igarape: Igarape): Promise<{ kind: string; to: string; text: string }[]> {
  const response = await fetch(`${igarape.endpoint}/_igarape/outbox`)
  return ((await response.json()) as { messages: never[] }).messages
}

test('text messages stay in the outbox, those of a topic and those to one number', async ({ igarape }) => {
  const sns = igarape.client(SNSClient)
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'alarmes' }))
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sms', Endpoint: '+5511999990000' }))

  const structured = JSON.stringify({ default: 'longo', sms: 'curto' })
  await sns.send(new PublishCommand({ TopicArn, MessageStructure: 'json', Message: structured }))
  const MessageAttributes = { 'AWS.SNS.SMS.SMSType': { DataType: 'String', StringValue: 'Transactional' } }
  const { MessageId } = await sns.send(
    new PublishCommand({ PhoneNumber: '+5511888880000', Message: 'Olá', MessageAttributes }),
  )

  expect(await outbox(igarape)).toMatchObject([
    { kind: 'sms', to: '+5511999990000', text: 'curto' },
    {
      id: MessageId,
      kind: 'sms',
      to: '+5511888880000',
      text: 'Olá',
      attributes: { 'AWS.SNS.SMS.SMSType': 'Transactional' },
    },
  ])
})

test('what is no phone number is refused, on a topic and alone', async ({ igarape }) => {
  const sns = igarape.client(SNSClient)
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'alarmes' }))
  const wrong = { name: 'InvalidParameterException' }

  await expect(sns.send(new PublishCommand({ PhoneNumber: 'ana', Message: 'x' }))).rejects.toMatchObject(wrong)
  await expect(sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sms', Endpoint: 'ana' }))).rejects.toMatchObject(
    wrong,
  )
})

test('the settings of text messages are kept, and nobody has opted out', async ({ igarape }) => {
  const sns = igarape.client(SNSClient)
  await sns.send(
    new SetSMSAttributesCommand({ attributes: { DefaultSMSType: 'Transactional', MonthlySpendLimit: '5' } }),
  )

  const { attributes } = await sns.send(new GetSMSAttributesCommand({ attributes: ['DefaultSMSType'] }))
  const phoneNumber = '+5511999990000'
  await sns.send(new OptInPhoneNumberCommand({ phoneNumber }))

  expect(attributes).toEqual({ DefaultSMSType: 'Transactional' })
  expect(await sns.send(new CheckIfPhoneNumberIsOptedOutCommand({ phoneNumber }))).toMatchObject({ isOptedOut: false })
  expect((await sns.send(new ListPhoneNumbersOptedOutCommand({}))).phoneNumbers ?? []).toEqual([])
  await expect(
    sns.send(new SetSMSAttributesCommand({ attributes: { DefaultSMSType: 'Urgent' } })),
  ).rejects.toMatchObject({ name: 'InvalidParameterException' })
})

test('logs and reports of text messages, which are not sent, are refused by name', async ({ igarape }) => {
  const command = new SetSMSAttributesCommand({ attributes: { UsageReportS3Bucket: 'relatorios' } })

  await expect(igarape.client(SNSClient).send(command)).rejects.toMatchObject({
    name: 'NotImplemented',
    message: expect.stringContaining('UsageReportS3Bucket'),
  })
})

test('a text message says of its sender and kind only what a carrier could be told', async ({ igarape }) => {
  const sns = igarape.client(SNSClient)
  const refused = { name: 'InvalidParameterException' }

  for (const [name, StringValue] of [
    ['AWS.SNS.SMS.SMSType', 'Urgent'],
    ['AWS.SNS.SMS.SenderID', 'far-too-long'],
    ['AWS.SNS.SMS.SenderID', '12345'],
    ['AWS.SNS.SMS.MaxPrice', 'cheap'],
  ]) {
    const MessageAttributes = { [name as string]: { DataType: 'String', StringValue } }
    const command = new PublishCommand({ PhoneNumber: '+5511999990000', Message: 'oi', MessageAttributes })
    await expect(sns.send(command)).rejects.toMatchObject({ ...refused, message: `Invalid parameter: ${name}` })
  }
  await expect(
    sns.send(new SetSMSAttributesCommand({ attributes: { constructor: 'x' } as never })),
  ).rejects.toMatchObject(refused)
})
