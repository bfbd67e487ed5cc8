/** The warehouse's way to the lake: objects for COPY, Catalog tables for external schemas. */
import { readFile } from 'node:fs/promises'
import type { Context } from '../../delivery/context.ts'
import { type LakeFile, type LakeView, lake } from '../../delivery/lake.ts'
import { openCatalogTable } from '../../engines/sql/catalogFiles.ts'
import type { CopySource } from '../../engines/sql/redshift/copyLoad.ts'
import type { LakeAccess } from '../../engines/sql/redshift/warehouse.ts'
import { SqlError } from '../../engines/sql/sqlError.ts'
import { AwsError } from '../../wire/errors.ts'

export function lakeAccess(ctx: Context): LakeAccess {
  return {
    objects: (uri, { manifest }) => (manifest ? manifestObjects(ctx, uri) : prefixObjects(ctx, uri)),
    text: (uri) => readText(ctx, uri),
    async table(database, table) {
      try {
        const { linked, views } = await openCatalogTable(ctx, { database, table })
        return { linked, close: () => closeAll(views) }
      } catch (error) {
        if (error instanceof AwsError && error.code === 'EntityNotFoundException')
          throw new SqlError(`ERROR: relation "${database}.${table}" does not exist in the external catalog`)
        throw error
      }
    },
  }
}

async function prefixObjects(ctx: Context, uri: string): Promise<CopySource> {
  const { bucket, key } = split(uri)
  const view = await ctx.use(lake).open({ scope: ctx, bucket, prefix: key }, { names: 'numbered' })
  return { files: view.files.filter((file) => file.bytes > 0).map((file) => named(bucket, file)), close: view.close }
}

/** A manifest lists its objects by name; a mandatory one that is missing fails the load. */
async function manifestObjects(ctx: Context, uri: string): Promise<CopySource> {
  const { entries = [] } = JSON.parse(await readText(ctx, uri)) as { entries?: { url: string; mandatory?: boolean }[] }
  const views: LakeView[] = []
  const files: CopySource['files'] = []
  for (const entry of entries) {
    const { bucket, key } = split(entry.url)
    const view = await ctx.use(lake).open({ scope: ctx, bucket, prefix: key }, { keys: [key], names: 'numbered' })
    views.push(view)
    const [file] = view.files
    if (file) files.push(named(bucket, file))
    else if (entry.mandatory) {
      await closeAll(views)
      throw new SqlError(
        `ERROR: S3ServiceException:The specified key does not exist.,Status 404,Error NoSuchKey: ${entry.url}`,
      )
    }
  }
  return { files, close: () => closeAll(views) }
}

async function readText(ctx: Context, uri: string): Promise<string> {
  const { bucket, key } = split(uri)
  const view = await ctx.use(lake).open({ scope: ctx, bucket, prefix: key }, { keys: [key], names: 'numbered' })
  try {
    const path = view.files[0]?.path
    if (!path)
      throw new SqlError(
        `ERROR: S3ServiceException:The specified key does not exist.,Status 404,Error NoSuchKey: ${uri}`,
      )
    return await readFile(path, 'utf8')
  } finally {
    await view.close()
  }
}

function named(bucket: string, file: LakeFile): { path: string; uri: string } {
  return { path: file.path, uri: `s3://${bucket}/${file.key}` }
}

function split(uri: string): { bucket: string; key: string } {
  const match = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(uri)
  if (!match) throw new SqlError(`ERROR: '${uri}' is not an S3 location`)
  return { bucket: match[1] as string, key: match[2] as string }
}

async function closeAll(views: LakeView[]): Promise<void> {
  for (const view of views) await view.close()
}
