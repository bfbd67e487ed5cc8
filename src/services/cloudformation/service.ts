/** CloudFormation: stacks as durable state machines. The resource types of other services live with those services. */
import { defineService } from '../service.ts'
import { bucketDeploymentResource } from './bucketDeployments.ts'
import { changeSetOperations } from './changeSets.ts'
import { answerRoute } from './customResources.ts'
import { exportOperations } from './exports.ts'
import { stackDescriptionOperations } from './stackDescriptions.ts'
import { stackEventOperations } from './stackEvents.ts'
import { stackOperations } from './stackOperations.ts'
import { stepWorker } from './steps.ts'
import { metadataResource, signalRoute, waitConditionHandleResource } from './waitConditions.ts'

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
