/** Amazon SQS: queues, standard and FIFO. */
import { queueGauges } from '../../delivery/queueGauges.ts'
import { provide } from '../../delivery/singleton.ts'
import { defineService } from '../service.ts'
import { counted } from './counting.ts'
import { fifoMemoryWorker } from './fifoMemory.ts'
import { gauges } from './gauges.ts'
import { moveTaskOperations } from './moveTasks.ts'
import { moveWorker } from './moveWork.ts'
import { peekRoute } from './peeking.ts'
import { permissionOperations } from './permissions.ts'
import { queueOperations } from './queues.ts'
import { receiveOperations } from './receiving.ts'
import { queuePolicyResource, queueResource } from './resources.ts'
import { sendOperations } from './sending.ts'
import { sweepWorker } from './sweeping.ts'
import { queueTarget } from './target.ts'

export const sqs = defineService('sqs', {
  operations: [
    queueOperations,
    counted(sendOperations),
    counted(receiveOperations),
    moveTaskOperations,
    permissionOperations,
  ],
  targets: [queueTarget],
  resources: [queueResource, queuePolicyResource],
  workers: [sweepWorker, fifoMemoryWorker, moveWorker],
  routes: [peekRoute],
  provides: [provide(queueGauges, () => gauges)],
})
