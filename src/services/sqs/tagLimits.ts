/** What a queue's tags may be. */
import { awsError } from '../../wire/errors.ts'
import { tagFault, tagsMax } from '../tagRules.ts'

/** Of tags that are given. Errors: InvalidParameterValue. */
export function mustBeTags(queueName: string, tags: Record<string, string>): void {
  const fault = tagFault(Object.entries(tags))
  if (fault !== undefined) throw awsError('InvalidParameterValue', fault)
  mustBeFew(queueName, tags)
}

/** Of all that a queue has. Errors: InvalidParameterValue. */
export function mustBeFew(queueName: string, tags: Record<string, string>): void {
  if (Object.keys(tags).length <= tagsMax) return
  throw awsError('InvalidParameterValue', `Too many tags added for queue ${queueName}.`)
}
