/** The objects of an S3 target, and their schemas: which are listed, which are looked into, which changed. */
import type { S3Target } from '@aws-sdk/client-glue'
import type { Context } from '../../../delivery/context.ts'
import { type LakeView, lake } from '../../../delivery/lake.ts'
import { isExcluded } from '../../../engines/inference/exclusions.ts'
import type { CustomClassifier } from '../../../engines/inference/fileSchema.ts'
import { fileSchemas } from '../../../engines/inference/fileSchemas.ts'
import type { CrawledFile } from '../../../engines/inference/folders.ts'
import { AwsError } from '../../../wire/errors.ts'

export interface S3Place {
  bucket: string
  /** Ends in `/`, unless it is empty or one object's key. */
  prefix: string
}

export interface ListedObject {
  key: string
  bytes: number
}

/** So many objects are linked at once. */
const linkedMax = 250

/** A crawl that its crawler was told to stop. */
export class CrawlStopped extends Error {}

/** `s3://bucket/folder`, with or without the scheme and the last slash. */
export function placeOf(path: string): S3Place {
  const [, bucket = '', prefix = ''] = /^(?:s3[an]?:\/\/)?([^/]+)\/?(.*)$/s.exec(path) ?? []
  return { bucket, prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/` }
}

/** In the order of their keys. Errors: S3's, for a bucket that is not there. */
export async function listedObjects(ctx: Context, { Path = '', Exclusions = [] }: S3Target): Promise<ListedObject[]> {
  const { bucket, prefix } = placeOf(Path)
  const excluded = isExcluded(Exclusions)
  const found = (await allObjects(ctx, bucket, prefix)).filter(({ key }) => !excluded(key.slice(prefix.length)))
  if (found.length > 0 || prefix === '') return found
  // The path may be one object's.
  const key = prefix.slice(0, -1)
  return (await allObjects(ctx, bucket, key)).filter((object) => object.key === key)
}

function allObjects(ctx: Context, bucket: string, prefix: string): Promise<ListedObject[]> {
  const isData = (object: ListedObject) => object.bytes > 0 && !isHidden(object.key.slice(prefix.length))
  return ctx.use(lake).list({ scope: ctx, bucket, prefix }, isData)
}

/** Nobody who reads a table reads them. */
function isHidden(path: string): boolean {
  return path.endsWith('_$folder$') || path.split('/').some((segment) => /^[_.]/.test(segment))
}

export function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/') + 1)
}

export interface Reading {
  bucket: string
  classifiers: readonly CustomClassifier[]
  /** So many files of each folder are looked into; absent: all. */
  sampleSize?: number
  isStopped: () => boolean
}

/** Errors: CrawlStopped; UserError where a format needs what this machine has not. */
export async function readFiles(
  ctx: Context,
  objects: readonly ListedObject[],
  { bucket, classifiers, sampleSize, isStopped }: Reading,
): Promise<CrawledFile[]> {
  const sampled = sampleSize === undefined ? objects : firstOfEachFolder(objects, sampleSize)
  const read = new Map<string, CrawledFile>()
  for (let start = 0; start < sampled.length; start += linkedMax) {
    if (isStopped()) throw new CrawlStopped()
    const batch = sampled.slice(start, start + linkedMax)
    const view = await opened(
      ctx,
      bucket,
      batch.map(({ key }) => key),
    )
    try {
      const schemas = await fileSchemas(ctx, linkedFiles(view), classifiers)
      view.files.forEach(({ key, bytes }, at) => {
        const schema = schemas[at]
        if (schema) read.set(key, { key, bytes, schema })
      })
    } finally {
      await view.close()
    }
  }
  return withTheirLikes(objects, read)
}

/** An object that went since it was listed is not missed. */
async function opened(ctx: Context, bucket: string, keys: readonly string[]): Promise<LakeView> {
  try {
    return await ctx.use(lake).open({ scope: ctx, bucket, prefix: '' }, { names: 'numbered', keys })
  } catch (error) {
    if (!(error instanceof AwsError && error.code === 'NoSuchKey')) throw error
    return opened(
      ctx,
      bucket,
      keys.filter((key) => key !== error.fields.Key),
    )
  }
}

function linkedFiles({ folder, files }: LakeView) {
  return { folder, files: files.map(({ path, key, bytes }) => ({ path, key, bytes })) }
}

function firstOfEachFolder(objects: readonly ListedObject[], count: number): ListedObject[] {
  const taken = new Map<string, number>()
  return objects.filter(({ key }) => {
    const folder = folderOf(key)
    const before = taken.get(folder) ?? 0
    taken.set(folder, before + 1)
    return before < count
  })
}

/** What was not looked into is as the first of its folder. */
function withTheirLikes(objects: readonly ListedObject[], read: ReadonlyMap<string, CrawledFile>): CrawledFile[] {
  const first = new Map<string, CrawledFile>()
  for (const file of read.values()) if (!first.has(folderOf(file.key))) first.set(folderOf(file.key), file)
  return objects.flatMap(({ key, bytes }) => {
    const like = read.get(key) ?? first.get(folderOf(key))
    return like ? [{ ...like, key, bytes }] : []
  })
}
