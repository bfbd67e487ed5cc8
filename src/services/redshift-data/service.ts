/** The Redshift Data API: SQL by HTTP, on clusters and on serverless work groups. */
import { defineService } from '../service.ts'
import { catalogOperations } from './catalogs.ts'
import { resultOperations } from './results.ts'
import { statementWorker } from './running.ts'
import { statementOperations } from './statements.ts'
import { clusterTarget, workgroupTarget } from './target.ts'

export const redshiftData = defineService('redshift-data', {
  operations: [statementOperations, resultOperations, catalogOperations],
  targets: [clusterTarget, workgroupTarget],
  workers: [statementWorker],
})
