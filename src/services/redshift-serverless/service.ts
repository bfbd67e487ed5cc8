/** Amazon Redshift Serverless: namespaces hold the data, work groups are how one comes to it. */
import { defineService } from '../service.ts'
import { namespaceOperations } from './namespaces.ts'
import { namespaceResource, workgroupResource } from './resources.ts'
import { workgroupOperations } from './workgroups.ts'

export const redshiftServerless = defineService('redshift-serverless', {
  operations: [namespaceOperations, workgroupOperations],
  resources: [namespaceResource, workgroupResource],
})
