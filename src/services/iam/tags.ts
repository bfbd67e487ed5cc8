/** Tags, as roles, users, policies and instance profiles bear them. */
import { awsErrors } from '../../wire/errors.ts'

export interface Tag {
  Key: string
  Value: string
}

const tagsMax = 50
const { LimitExceededException } = awsErrors('iam')

/** The tags after those given have been set. */
export function mergeTags(present: Tag[], given: { Key?: string | undefined; Value?: string | undefined }[]): Tag[] {
  const merged = new Map(present.map((tag) => [tag.Key, tag]))
  for (const { Key = '', Value = '' } of given) merged.set(Key, { Key, Value })
  if (merged.size > tagsMax) throw LimitExceededException('The number of tags has reached the maximum limit.')
  return [...merged.values()]
}

export function withoutTags(present: Tag[], keys: string[]): Tag[] {
  return present.filter((tag) => !keys.includes(tag.Key))
}
