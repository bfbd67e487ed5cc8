/** Pages of this service's List and Describe operations, with its own error for a token it did not give. */
import { awsErrors } from '../../wire/errors.ts'
import { pagesOf } from '../pages.ts'

const { InvalidNextToken } = awsErrors('cloudwatch')

export const { pageOf: listPage } = pagesOf(() => InvalidNextToken('The specified NextToken is invalid.'))
