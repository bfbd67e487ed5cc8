/**
 * What all services demand of tags: keys of 1 to 128 characters and values of up to 256, each key once, 50 a resource, none
 * that begins as AWS's own do. AWS General Reference, "Best practices and strategies: tag naming limits and requirements".
 */
export const tagsMax = 50
const keyCharactersMax = 128
const valueCharactersMax = 256

/** What is wrong with tags that are given; undefined where nothing is. */
export function tagFault(tags: readonly (readonly [key: string, value: string])[]): string | undefined {
  const keys = tags.map(([key]) => key)
  if (keys.some((key) => key.length < 1 || key.length > keyCharactersMax)) {
    return `A tag key must have between 1 and ${keyCharactersMax} characters.`
  }
  if (tags.some(([, value]) => value.length > valueCharactersMax)) {
    return `A tag value can have at most ${valueCharactersMax} characters.`
  }
  if (new Set(keys).size < keys.length) return 'Duplicate tag keys are not allowed.'
  const reserved = keys.find((key) => /^aws:/i.test(key) && !key.startsWith('aws:cloudformation:'))
  return reserved === undefined ? undefined : `The tag key ${reserved} is reserved for AWS.`
}

export function tagPairs(
  tags: readonly { Key?: string | undefined; Value?: string | undefined }[],
): [string, string][] {
  return tags.map(({ Key = '', Value = '' }) => [Key, Value])
}
