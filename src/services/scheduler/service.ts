/** EventBridge Scheduler: schedules in groups, when they fire, and what they invoke. */
import { defineService } from '../service.ts'
import { firingWorker } from './firings.ts'
import { groupDeletionOperations, groupDeletionWorker } from './groupDeletions.ts'
import { groupOperations } from './groups.ts'
import { scheduleGroupResource, scheduleResource } from './resources.ts'
import { scheduleOperations } from './schedules.ts'
import { tagOperations } from './tags.ts'
import { operationCatalogProvision, universalTarget } from './universalTargets.ts'

export const scheduler = defineService('scheduler', {
  operations: [scheduleOperations, groupOperations, groupDeletionOperations, tagOperations],
  targets: [universalTarget],
  resources: [scheduleResource, scheduleGroupResource],
  workers: [firingWorker, groupDeletionWorker],
  provides: [operationCatalogProvision],
})
