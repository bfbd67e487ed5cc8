/** S3: buckets and objects on disk, told to EventBridge, functions, topics and queues. */
import { lake } from '../../delivery/lake.ts'
import { provide } from '../../delivery/singleton.ts'
import { defineService } from '../service.ts'
import { aclOperations } from './acls.ts'
import { bucketOperations } from './buckets.ts'
import { completionOperations } from './completions.ts'
import { deleteOperations } from './deletes.ts'
import { expirationWorker } from './expirations.ts'
import { formRoute } from './forms.ts'
import { keptOperations } from './kept.ts'
import { ObjectLake } from './lake.ts'
import { lifecycleOperations } from './lifecycles.ts'
import { listingOperations } from './listings.ts'
import { listedSettingOperations } from './lists.ts'
import { lockOperations } from './locks.ts'
import { notificationOperations } from './notifications.ts'
import { policyOperations } from './policies.ts'
import { putOperations } from './puts.ts'
import { readOperations } from './reads.ts'
import { bucketPolicyResource, bucketResource } from './resources.ts'
import { taggingOperations } from './tagging.ts'
import { uploadListingOperations } from './uploadListings.ts'
import { uploadOperations } from './uploads.ts'
import { versioningOperations } from './versioning.ts'
import { versionListingOperations } from './versionListings.ts'

export const s3 = defineService('s3', {
  operations: [
    bucketOperations,
    putOperations,
    readOperations,
    deleteOperations,
    listingOperations,
    versionListingOperations,
    uploadOperations,
    completionOperations,
    uploadListingOperations,
    taggingOperations,
    versioningOperations,
    lockOperations,
    notificationOperations,
    policyOperations,
    aclOperations,
    lifecycleOperations,
    keptOperations,
    listedSettingOperations,
  ],
  resources: [bucketResource, bucketPolicyResource],
  routes: [formRoute],
  workers: [expirationWorker],
  provides: [provide(lake, (platform) => new ObjectLake(platform))],
})
