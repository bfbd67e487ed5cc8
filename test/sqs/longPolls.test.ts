/** What a long poll costs the disk: the message that wakes it and the receive that takes it are one write. */
import { expect, onTestFinished, test } from 'vitest'
import { seededRandom } from '../../src/clock.ts'
import type { Backend } from '../../src/store/backend.ts'
import { startIgarape } from '../../src/testkit/server.ts'
import type { ServiceName } from '../../src/wire/model.ts'
import { SimulatedDisk } from '../simulation/disk.ts'

const QueueUrl = 'http://127.0.0.1/000000000000/vendas'

test('a message and the long poll that it wakes are on disk together, and are answered then', async () => {
  const { backend, batches } = recorded(new SimulatedDisk(seededRandom(7)).parts().table)
  const igarape = await startIgarape({ parts: { backend } })
  onTestFinished(() => igarape.stop())
  const { platform } = igarape.server
  const call = (service: ServiceName, operation: string, input: object) =>
    platform.perform(service, operation, input, platform.context({ account: '000000000000', region: 'us-east-1' }))
  await call('sqs', 'CreateQueue', { QueueName: 'vendas' })
  const polls = [1, 2].map(() => call('sqs', 'ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 }))
  await new Promise((turn) => setImmediate(turn))

  await call('sqs', 'SendMessage', { QueueUrl, MessageBody: 'loja-123' })
  const received = (await Promise.race(polls)) as { Messages?: { Body: string }[] }

  expect(received.Messages?.map(({ Body }) => Body)).toEqual(['loja-123'])
  const sent = batches.find((keys) => keys.some((key) => key.includes('sqs/messages')))
  expect(sent?.filter((key) => key.includes('sqs/standings'))).toHaveLength(1)
  await call('sqs', 'SendMessage', { QueueUrl, MessageBody: 'loja-456' })
  const others = (await Promise.all(polls)) as { Messages?: { Body: string }[] }[]
  expect(others.flatMap(({ Messages = [] }) => Messages.map(({ Body }) => Body)).sort()).toEqual([
    'loja-123',
    'loja-456',
  ])
})

/** A backend that tells which keys each of its writes had. */
function recorded(table: Backend): { backend: Backend; batches: string[][] } {
  const batches: string[][] = []
  const write: Backend['write'] = (batch) => {
    batches.push(batch.map(({ key }) => key))
    return table.write(batch)
  }
  return { batches, backend: { ...table, write } }
}
