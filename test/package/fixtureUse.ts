/** A user's test file, run beside the installed package. */
import { CreateQueueCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { type IgarapeFixtures, igarapeFixture } from 'igarape/testing'
import { test as base, expect } from 'vitest'

const test = base.extend<IgarapeFixtures>(igarapeFixture)

for (const round of ['first', 'second']) {
  test(`the ${round} test finds no queue and makes one`, async ({ igarape }) => {
    const sqs = igarape.client(SQSClient)
    expect((await sqs.send(new ListQueuesCommand({}))).QueueUrls ?? []).toEqual([])
    await sqs.send(new CreateQueueCommand({ QueueName: 'vendas' }))
    await igarape.settled()
  })
}
