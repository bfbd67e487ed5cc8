/** SSM: Parameter Store. The rest of Systems Manager manages machines, of which there are none here. */
import { defineService } from '../service.ts'
import { parameterOperations } from './parameters.ts'
import { readingOperations } from './readings.ts'
import { parameterResource } from './resources.ts'

export const ssm = defineService('ssm', {
  operations: [parameterOperations, readingOperations],
  resources: [parameterResource],
})
