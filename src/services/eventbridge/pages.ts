/** Pages of this service's List operations, with its own error for a token it did not give. */
import { awsError } from '../../wire/errors.ts'
import { pagesOf } from '../pages.ts'

export const { pageOf } = pagesOf(() => awsError('ValidationException', 'Parameter NextToken is not valid.'))
