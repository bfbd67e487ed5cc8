/** CloudWatch Logs: groups, streams, events in and out, retention. */
import { defineService } from '../service.ts'
import { dataProtectionOperations } from './dataProtection.ts'
import { filteredMinuteWorker } from './defaultValues.ts'
import { expiryWorker } from './expiryWorker.ts'
import { exportWorker } from './exporting.ts'
import { exportTaskOperations } from './exportTasks.ts'
import { filteringOperations } from './filtering.ts'
import { metricFilterResource, subscriptionFilterResource } from './filterResources.ts'
import { groupOperations } from './groups.ts'
import { definitionOperations } from './insightsDefinitions.ts'
import { queryOperations } from './insightsQueries.ts'
import { recordOperations } from './insightsRecords.ts'
import { queryDefinitionResource } from './insightsResources.ts'
import { resultOperations } from './insightsResults.ts'
import { expiredQueryWorker, insightsWorker } from './insightsRunning.ts'
import { liveTailOperations } from './liveTailing.ts'
import { lookupTableOperations } from './lookupTables.ts'
import { metricFilterOperations } from './metricFilters.ts'
import { purgeWorker } from './purges.ts'
import { readingOperations } from './reading.ts'
import { policyOperations } from './resourcePolicies.ts'
import { groupResource, policyResource, streamResource } from './resources.ts'
import { streamOperations } from './streams.ts'
import { subscriptionFilterOperations } from './subscriptionFilters.ts'
import { tagOperations } from './tags.ts'
import { groupTarget } from './target.ts'
import { writingOperations } from './writing.ts'

export const cloudwatchLogs = defineService('cloudwatch-logs', {
  operations: [
    groupOperations,
    streamOperations,
    writingOperations,
    readingOperations,
    filteringOperations,
    metricFilterOperations,
    subscriptionFilterOperations,
    exportTaskOperations,
    dataProtectionOperations,
    liveTailOperations,
    queryOperations,
    resultOperations,
    recordOperations,
    definitionOperations,
    lookupTableOperations,
    tagOperations,
    policyOperations,
  ],
  targets: [groupTarget],
  resources: [
    groupResource,
    streamResource,
    metricFilterResource,
    subscriptionFilterResource,
    policyResource,
    queryDefinitionResource,
  ],
  workers: [purgeWorker, expiryWorker, filteredMinuteWorker, exportWorker, insightsWorker, expiredQueryWorker],
})
