/** Tags of topics: what they may be. */
import type { Tag } from '@aws-sdk/client-sns'
import { awsErrors } from '../../wire/errors.ts'
import { tagFault, tagPairs, tagsMax } from '../tagRules.ts'
import { invalid } from './refusals.ts'

const { TagLimitExceededException } = awsErrors('sns')

/** Of tags that are given. Errors: InvalidParameter, TagLimitExceeded. */
export function checkTags(given: readonly Tag[]): void {
  const fault = tagFault(tagPairs(given))
  if (fault !== undefined) throw invalid(`Tags Reason: ${fault}`)
  mustBeFew(given.length)
}

/** Of all that a topic has. Errors: TagLimitExceeded. */
export function mustBeFew(count: number): void {
  if (count > tagsMax) {
    throw TagLimitExceededException('Could not complete request: tag quota of per resource exceeded')
  }
}
