/** Dead-letter queues that targets and buses name: standard queues of SQS. */
import { type Arn, parseArn } from '../../delivery/arn.ts'
import { awsError } from '../../wire/errors.ts'

/** Errors: ValidationException. */
export function checkDeadLetter(arn: Arn | undefined): void {
  if (arn === undefined || arn === '') return
  const parts = parseArn(arn)
  if (parts?.service === 'sqs' && !parts.resource.endsWith('.fifo')) return
  throw awsError('ValidationException', `Parameter ${arn} is not valid. Reason: Provided Arn is not in correct format.`)
}
