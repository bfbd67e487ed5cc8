/** Amazon SQS: queues, standard and FIFO. */
import { defineService } from '../service.ts'
import { permissionOperations } from './permissions.ts'
import { queueOperations } from './queues.ts'
import { receiveOperations } from './receiving.ts'
import { queuePolicyResource, queueResource } from './resources.ts'
import { sendOperations } from './sending.ts'
import { sweepWorker } from './storage.ts'
import { queueTarget } from './target.ts'

export const sqs = defineService('sqs', {
  operations: [queueOperations, sendOperations, receiveOperations, permissionOperations],
  targets: [queueTarget],
  resources: [queueResource, queuePolicyResource],
  workers: [sweepWorker],
})
