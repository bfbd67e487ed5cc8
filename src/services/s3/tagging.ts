/** Tags of buckets and objects: their rules, and their operations. */
import { loadModel } from '../../wire/model.ts'
import { decodeXml } from '../../wire/xml.ts'
import { parseXml, XmlError } from '../../wire/xmlReader.ts'
import { operations } from '../service.ts'
import { changeBucket, mustGetBucket } from './buckets.ts'
import { InvalidArgument, InvalidTag, MalformedXml, NoSuchSetting } from './errors.ts'
import { announce } from './events.ts'
import type { Tag } from './objects.ts'
import { changeVersion, mustGetVersion } from './versioning.ts'

const objectTagsMax = 10
const bucketTagsMax = 50
const tagShape = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u

/** Answers the tags as they are kept; refuses what S3 refuses. */
export function checkTags(tags: readonly { Key?: string; Value?: string }[], tagsMax: number): Tag[] {
  if (tags.length > tagsMax) {
    const kind = tagsMax === objectTagsMax ? 'Object tags' : 'Bucket tag count'
    throw InvalidTag(`${kind} cannot be greater than ${tagsMax}`)
  }
  const seen = new Set<string>()
  return tags.map(({ Key = '', Value = '' }) => {
    if (Key === '' || Key.length > 128 || !tagShape.test(Key)) {
      throw InvalidTag('The TagKey you have provided is invalid', Key)
    }
    if (Value.length > 256 || !tagShape.test(Value)) throw InvalidTag('The TagValue you have provided is invalid', Key)
    if (Key.startsWith('aws:')) {
      throw InvalidTag('System tags cannot be added/updated by requester', Key)
    }
    if (seen.has(Key)) throw InvalidTag('Cannot provide multiple Tags with the same key', Key)
    seen.add(Key)
    return { Key, Value }
  })
}

export function checkObjectTags(tags: readonly { Key?: string; Value?: string }[]): Tag[] {
  return checkTags(tags, objectTagsMax)
}

/** The `x-amz-tagging` header: `a=1&b=2`, form encoded. */
export function tagsFromHeader(header: string | undefined): Tag[] | undefined {
  if (header === undefined || header === '') return undefined
  const tags = [...new URLSearchParams(header)].map(([Key, Value]) => ({ Key, Value }))
  if (tags.some((tag) => tag.Key === '')) {
    throw InvalidArgument(
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
      'x-amz-tagging',
      header,
    )
  }
  return checkObjectTags(tags)
}

/** A form's `tagging` field is the document of PutObjectTagging. */
export function tagsFromXml(text: string): Tag[] {
  const { TagSet = [] } = parseTagging(text)
  return checkObjectTags(TagSet)
}

function parseTagging(text: string): { TagSet?: { Key?: string; Value?: string }[] } {
  const shape = loadModel('s3').shape('Tagging')
  try {
    return decodeXml(shape, parseXml(text)) as { TagSet?: Tag[] }
  } catch (error) {
    if (error instanceof XmlError) throw MalformedXml()
    throw error
  }
}

export const taggingOperations = operations('s3', {
  async PutObjectTagging(input, ctx) {
    const tags = checkObjectTags(input.Tagging.TagSet ?? [])
    const versionId = await ctx.commit((tx) => {
      const { bucket, object } = changeVersion(tx, input, (object) => ({ ...object, tags }))
      announce(tx, ctx, bucket, { kind: 'tags added', object })
      return object.versionId
    })
    return { VersionId: versionId }
  },

  async GetObjectTagging(input, ctx) {
    const { object } = mustGetVersion(ctx, input)
    return { VersionId: object.versionId, TagSet: object.tags ?? [] }
  },

  async DeleteObjectTagging(input, ctx) {
    const versionId = await ctx.commit((tx) => {
      const { bucket, object } = changeVersion(tx, input, (object) => ({ ...object, tags: undefined }))
      announce(tx, ctx, bucket, { kind: 'tags deleted', object })
      return object.versionId
    })
    return { VersionId: versionId }
  },

  async PutBucketTagging(input, ctx) {
    const tags = checkTags(input.Tagging.TagSet ?? [], bucketTagsMax)
    await changeBucket(ctx, input, (bucket) => ({ ...bucket, tags }))
    return {}
  },

  async GetBucketTagging(input, ctx) {
    const { tags } = mustGetBucket(ctx, input.Bucket, input.ExpectedBucketOwner)
    if (tags.length === 0) throw NoSuchSetting('NoSuchTagSet', 'The TagSet does not exist', input.Bucket)
    return { TagSet: tags }
  },

  async DeleteBucketTagging(input, ctx) {
    await changeBucket(ctx, input, (bucket) => ({ ...bucket, tags: [] }))
    return {}
  },
})
