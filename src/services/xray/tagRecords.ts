/** Tags of groups and sampling rules as they are kept, and their rules. */
import { awsErrors } from '../../wire/errors.ts'

const { InvalidRequestException, TooManyTagsException } = awsErrors('xray')

const tagsMax = 50

interface Tag {
  Key: string | undefined
  Value: string | undefined
}

/** Errors: InvalidRequestException, TooManyTagsException. */
export function tagRecord(tags: readonly Tag[] = [], before: Record<string, string> = {}): Record<string, string> {
  const after = { ...before }
  for (const { Key = '', Value = '' } of tags) {
    if (/^aws:/i.test(Key)) throw InvalidRequestException('Tag keys may not begin with aws:.')
    after[Key] = Value
  }
  if (Object.keys(after).length > tagsMax) throw TooManyTagsException(`A resource may have at most ${tagsMax} tags.`)
  return after
}
