/** KMS: keys that really encrypt, on this machine's own disk. */
import { defineService } from '../service.ts'
import { aliasOperations } from './aliases.ts'
import { cryptographyOperations } from './cryptography.ts'
import { deletionWorker, keyOperations } from './keys.ts'
import { aliasResource, keyResource } from './resources.ts'

export const kms = defineService('kms', {
  operations: [keyOperations, aliasOperations, cryptographyOperations],
  resources: [keyResource, aliasResource],
  workers: [deletionWorker],
})
