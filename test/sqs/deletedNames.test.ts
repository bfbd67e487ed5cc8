/** The name of a deleted queue: free at once, or after the pause that is asked for, as on AWS. */
import { CreateQueueCommand, DeleteQueueCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect, test } from 'vitest'
import { type Igarape, startIgarape } from '../../src/testkit/server.ts'

async function makeAndDelete(igarape: Igarape): Promise<SQSClient> {
  const sqs = igarape.client(SQSClient)
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'breve' }))
  await sqs.send(new DeleteQueueCommand({ QueueUrl }))
  return sqs
}

test('a deleted name is free at once', async () => {
  const igarape = await startIgarape()
  const sqs = await makeAndDelete(igarape)

  await expect(sqs.send(new CreateQueueCommand({ QueueName: 'breve' }))).resolves.toBeDefined()
  await igarape.stop()
})

test("with AWS's pause of 60 seconds, a deleted name is free again after it", async () => {
  const igarape = await startIgarape({ options: { deletedQueueSeconds: 60 } })
  const sqs = await makeAndDelete(igarape)

  await expect(sqs.send(new CreateQueueCommand({ QueueName: 'breve' }))).rejects.toMatchObject({
    name: 'QueueDeletedRecently',
  })
  await igarape.clock.advance({ seconds: 60 })

  await expect(sqs.send(new CreateQueueCommand({ QueueName: 'breve' }))).resolves.toBeDefined()
  await igarape.stop()
})
