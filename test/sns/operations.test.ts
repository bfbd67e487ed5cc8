/** The API as a whole: every operation is there, or says by its name that it is not. */
import * as sns from '@aws-sdk/client-sns'
import { expect } from 'vitest'
import { loadModel } from '../../src/wire/model.ts'
import { test } from '../fixture.ts'

const PhoneNumber = '+5511999990000'

/** With enough of an input to pass the model's checks. */
const refused = {
  CreateSMSSandboxPhoneNumber: new sns.CreateSMSSandboxPhoneNumberCommand({ PhoneNumber }),
  DeleteSMSSandboxPhoneNumber: new sns.DeleteSMSSandboxPhoneNumberCommand({ PhoneNumber }),
  VerifySMSSandboxPhoneNumber: new sns.VerifySMSSandboxPhoneNumberCommand({ PhoneNumber, OneTimePassword: '12345' }),
  ListSMSSandboxPhoneNumbers: new sns.ListSMSSandboxPhoneNumbersCommand({}),
  GetSMSSandboxAccountStatus: new sns.GetSMSSandboxAccountStatusCommand({}),
  ListOriginationNumbers: new sns.ListOriginationNumbersCommand({}),
}

test.for(Object.entries(refused))('%s is not implemented, and names itself', async ([name, command], { igarape }) => {
  await expect(igarape.client(sns.SNSClient).send(command as never)).rejects.toMatchObject({
    name: 'NotImplemented',
    message: expect.stringContaining(name),
    $metadata: { httpStatusCode: 501 },
  })
})

test('every other operation of the model is there', ({ igarape }) => {
  const service = igarape.server.platform.services.get('sns')
  const missing = Object.keys(loadModel('sns').raw.operations).filter((name) => !service?.operations.has(name))

  expect(missing.sort()).toEqual(Object.keys(refused).sort())
})
