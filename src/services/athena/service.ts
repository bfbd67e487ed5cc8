/** Amazon Athena: SQL over the lake through the Data Catalog, on an engine of the query's own. */
import { defineService } from '../service.ts'
import { executionOperations } from './executions.ts'
import { metadataOperations } from './metadata.ts'
import { namedQueryOperations } from './namedQueries.ts'
import { preparedStatementOperations } from './preparedStatements.ts'
import { namedQueryResource, workGroupResource } from './resources.ts'
import { resultOperations } from './results.ts'
import { queryWorker } from './running.ts'
import { workGroupOperations } from './workGroups.ts'

export const athena = defineService('athena', {
  operations: [
    executionOperations,
    resultOperations,
    workGroupOperations,
    namedQueryOperations,
    preparedStatementOperations,
    metadataOperations,
  ],
  resources: [workGroupResource, namedQueryResource],
  workers: [queryWorker],
})
