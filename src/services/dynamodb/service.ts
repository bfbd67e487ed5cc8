/** Amazon DynamoDB: tables, their items and indexes. */
import { defineService } from '../service.ts'
import { backupOperations } from './backups.ts'
import { batchOperations } from './batches.ts'
import { copyWorker } from './copyWorker.ts'
import { expiryWorker } from './expiries.ts'
import { exportOperations } from './exports.ts'
import { globalTableResource } from './globalTableResource.ts'
import { importOperations, importWorker } from './imports.ts'
import { itemOperations } from './items.ts'
import { limitOperations } from './limits.ts'
import { partiqlOperations } from './partiql/operations.ts'
import { queryOperations } from './queries.ts'
import { recoveryOperations, recoveryWorker } from './recovery.ts'
import { resourcePolicyOperations } from './resourcePolicies.ts'
import { tableResource } from './resources.ts'
import { restoreOperations } from './restores.ts'
import { streamsProvision } from './streamReading.ts'
import { streamTrimWorker } from './streamRecords.ts'
import { tableOperations } from './tableOperations.ts'
import { tableWorker } from './tableWork.ts'
import { timeToLiveOperations } from './timeToLive.ts'
import { tokenWorker, transactionOperations } from './transactions.ts'

export const dynamodb = defineService('dynamodb', {
  operations: [
    tableOperations,
    itemOperations,
    queryOperations,
    batchOperations,
    transactionOperations,
    timeToLiveOperations,
    recoveryOperations,
    backupOperations,
    restoreOperations,
    exportOperations,
    importOperations,
    partiqlOperations,
    limitOperations,
    resourcePolicyOperations,
  ],
  resources: [tableResource, globalTableResource],
  workers: [tableWorker, tokenWorker, streamTrimWorker, expiryWorker, copyWorker, recoveryWorker, importWorker],
  provides: [streamsProvision],
})
