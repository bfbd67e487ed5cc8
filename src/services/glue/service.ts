/** Glue: the Data Catalog, crawlers, jobs and their runs, triggers and workflows. Runs happen in engines/jobs. */
import { defineService } from '../service.ts'
import { bookmarkOperations } from './bookmarks.ts'
import {
  connectionResource,
  encryptionSettingsResource,
  registryResource,
  schemaResource,
  schemaVersionResource,
  securityConfigurationResource,
} from './catalogResources.ts'
import { catalogSettingsOperations } from './catalogSettings.ts'
import { classifierOperations } from './classifiers.ts'
import { columnStatisticsOperations } from './columnStatistics.ts'
import { connectionOperations } from './connections.ts'
import { classifierResource, crawlerResource } from './crawlerResources.ts'
import { crawlerScheduleOperations, crawlerScheduleWorker } from './crawlerSchedules.ts'
import { crawlerOperations } from './crawlers.ts'
import { crawlOperations } from './crawls.ts'
import { crawlWorker } from './crawlWorker.ts'
import { databaseOperations } from './databases.ts'
import { evaluationOperations } from './dataQualityEvaluations.ts'
import { recommendationOperations } from './dataQualityRecommendations.ts'
import { rulesetResource } from './dataQualityResources.ts'
import { resultOperations } from './dataQualityResults.ts'
import { rulesetOperations } from './dataQualityRulesets.ts'
import { qualityRunWorker } from './dataQualityRunWorker.ts'
import { delayWorker } from './delayNotices.ts'
import { jobEngine } from './engine.ts'
import { jobRunOperations } from './jobRuns.ts'
import { jobOperations } from './jobs.ts'
import { partitionIndexOperations } from './partitionIndexes.ts'
import { partitionOperations } from './partitions.ts'
import { registryOperations } from './registries.ts'
import {
  databaseResource,
  jobResource,
  partitionResource,
  tableResource,
  triggerResource,
  workflowResource,
} from './resources.ts'
import { runWorker } from './runWorker.ts'
import { schemaMetadataOperations } from './schemaMetadata.ts'
import { schemaOperations } from './schemas.ts'
import { sessionOperations } from './sessions.ts'
import { sessionTimeoutWorker, sessionWorker } from './sessionWorker.ts'
import { statementOperations, statementWorker } from './statements.ts'
import { statisticsScheduleWorker, statisticsSettingsOperations } from './statisticsSettings.ts'
import { statisticsTaskOperations, statisticsWorker } from './statisticsTasks.ts'
import { tableSearchOperations } from './tableSearch.ts'
import { tableOperations } from './tables.ts'
import { tagOperations } from './tags.ts'
import { eventBatchWorker, workflowTarget } from './target.ts'
import { scheduleWorker, triggerOperations } from './triggers.ts'
import { userFunctionOperations } from './userFunctions.ts'
import { workflowOperations } from './workflows.ts'

export const glue = defineService('glue', {
  operations: [
    databaseOperations,
    tableOperations,
    tableSearchOperations,
    partitionOperations,
    partitionIndexOperations,
    columnStatisticsOperations,
    statisticsTaskOperations,
    statisticsSettingsOperations,
    userFunctionOperations,
    catalogSettingsOperations,
    connectionOperations,
    jobOperations,
    jobRunOperations,
    bookmarkOperations,
    sessionOperations,
    statementOperations,
    triggerOperations,
    workflowOperations,
    crawlerOperations,
    crawlerScheduleOperations,
    crawlOperations,
    classifierOperations,
    registryOperations,
    schemaOperations,
    schemaMetadataOperations,
    rulesetOperations,
    resultOperations,
    evaluationOperations,
    recommendationOperations,
    tagOperations,
  ],
  targets: [workflowTarget],
  workers: [
    runWorker,
    delayWorker,
    sessionWorker,
    sessionTimeoutWorker,
    statementWorker,
    scheduleWorker,
    eventBatchWorker,
    crawlWorker,
    crawlerScheduleWorker,
    statisticsWorker,
    statisticsScheduleWorker,
    qualityRunWorker,
  ],
  resources: [
    databaseResource,
    tableResource,
    partitionResource,
    jobResource,
    triggerResource,
    workflowResource,
    crawlerResource,
    classifierResource,
    connectionResource,
    securityConfigurationResource,
    encryptionSettingsResource,
    registryResource,
    schemaResource,
    schemaVersionResource,
    rulesetResource,
  ],
  start: (platform) => {
    // The engine is told of the server's end, even before the first run.
    platform.use(jobEngine)
  },
})
