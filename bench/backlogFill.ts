/**
 * Makes a backlog in a data folder and dies by `kill -9`: deliveries to a queue that failed once and are due in an hour, as the
 * delivery worker leaves them. `backlog.ts` runs it, in a process of its own: `tsx bench/backlogFill.ts FOLDER COUNT`.
 */
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs'
import { deliveries, deliveryId } from '../src/delivery/deliveries.ts'
import type { Delivery } from '../src/delivery/delivery.ts'
import { startIgarape } from '../src/testkit/server.ts'

const [folder = '', count = '0'] = process.argv.slice(2)
const place = { account: '000000000000', region: 'us-east-1' }
const rowsACommit = 1_000
const hour = 3_600_000

void fill()

async function fill(): Promise<void> {
  const igarape = await startIgarape({ data: folder, clock: 'virtual' })
  await igarape.client(SQSClient).send(new CreateQueueCommand({ QueueName: 'atrasada' }))
  const { platform } = igarape.server
  for (let from = 0; from < Number(count); from += rowsACommit) {
    await platform.context(place).commit((tx) => {
      // The clock stands still; on a real one they would have come one after the other.
      const createdAt = tx.now + from
      for (let n = 0; n < rowsACommit; n++) {
        const delivery: Delivery = {
          id: deliveryId({ now: createdAt, random: tx.random }),
          arn: 'arn:aws:sqs:us-east-1:000000000000:atrasada',
          payload: JSON.stringify({ venda_id: from + n, nota: 'x'.repeat(1_000) }),
          sender: { principal: 'events.amazonaws.com', sourceArn: 'arn:aws:events:us-east-1:000000000000:rule/bench' },
          createdAt,
          dueAt: tx.now + hour,
          attempts: 1,
          trace: tx.trace,
        }
        tx.due(deliveries).put(delivery)
      }
    })
  }
  process.kill(process.pid, 'SIGKILL')
}
