/** Pages of this service's List operations, with its own error for a token it did not give. */
import { awsErrors } from '../../wire/errors.ts'
import { pagesOf } from '../pages.ts'

const { ValidationException } = awsErrors('scheduler')

export const { keyIn, pageOf } = pagesOf(() => ValidationException('Invalid NextToken.'))
