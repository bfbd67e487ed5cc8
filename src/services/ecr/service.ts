/** ECR: repositories are kept and given back, images are not taken. */
import { defineService } from '../service.ts'
import { repositoryOperations } from './repositories.ts'
import { repositoryResource } from './resources.ts'

export const ecr = defineService('ecr', { operations: [repositoryOperations], resources: [repositoryResource] })
