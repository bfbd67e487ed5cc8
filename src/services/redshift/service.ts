/** Amazon Redshift, provisioned: clusters, as far as one machine has them. Their SQL is in redshift-data. */
import { defineService } from '../service.ts'
import { clusterOperations } from './clusters.ts'
import { clusterResource } from './resources.ts'

export const redshift = defineService('redshift', { operations: [clusterOperations], resources: [clusterResource] })
