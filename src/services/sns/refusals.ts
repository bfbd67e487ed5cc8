/** SNS's errors in its own words. */
import { type AwsError, awsErrors } from '../../wire/errors.ts'

const { InvalidParameterException, NotFoundException } = awsErrors('sns')

export function invalid(words: string): AwsError {
  return InvalidParameterException(`Invalid parameter: ${words}`)
}

export function noTopic(): AwsError {
  return NotFoundException('Topic does not exist')
}

export function noSubscription(): AwsError {
  return NotFoundException('Subscription does not exist')
}
