/** CloudFormation: stacks as durable state machines. The resource types of other services live with those services. */
import { defineService } from '../service.ts'
import { bucketDeploymentResource } from './bucket-deployments.ts'
import { changeSetOperations } from './change-sets.ts'
import { answerRoute } from './custom-resources.ts'
import { exportOperations } from './exports.ts'
import { stackDescriptionOperations } from './stack-descriptions.ts'
import { stackEventOperations } from './stack-events.ts'
import { stackOperations } from './stack-operations.ts'
import { stepWorker } from './steps.ts'
import { metadataResource, signalRoute, waitConditionHandleResource } from './wait-conditions.ts'

export const cloudformation = defineService('cloudformation', {
  operations: [
    stackOperations,
    stackDescriptionOperations,
    stackEventOperations,
    changeSetOperations,
    exportOperations,
  ],
  resources: [waitConditionHandleResource, metadataResource, bucketDeploymentResource],
  workers: [stepWorker],
  routes: [answerRoute, signalRoute],
})
