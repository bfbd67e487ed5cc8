/** Secrets Manager: secrets, their versions and stages. Rotation is refused by name until it exists. */
import { defineService } from '../service.ts'
import { readingOperations } from './readings.ts'
import { attachmentResource, resourcePolicyResource, secretResource } from './resources.ts'
import { deletionWorker, secretOperations } from './secrets.ts'

export const secretsManager = defineService('secrets-manager', {
  operations: [secretOperations, readingOperations],
  resources: [secretResource, resourcePolicyResource, attachmentResource],
  workers: [deletionWorker],
})
