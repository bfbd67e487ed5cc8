/** Published versions: `$LATEST` as it was, under a number. */
import type { Context } from '../../delivery/context.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { codeBlobs } from './code.ts'
import { configurationOutput } from './configuration.ts'
import { functionNotFound, functionReference, latest, pageOf, user } from './identifiers.ts'
import { type FunctionVersion, functionSettings, functionVersions, mustGetLatest } from './records.ts'

const { InvalidParameterValueException, PreconditionFailedException } = awsErrors('lambda')

export const versionOperations = operations('lambda', {
  async PublishVersion(input, ctx) {
    const { name } = functionReference(input.FunctionName)
    const present = mustGetLatest(ctx, name)
    if (input.CodeSha256 !== undefined && input.CodeSha256 !== present.code.sha256) {
      const words = `CodeSHA256 (${input.CodeSha256}) is different from current CodeSHA256 in $LATEST (${present.code.sha256}). Please try again with the CodeSHA256 in $LATEST.`
      throw InvalidParameterValueException(words, user)
    }
    if (input.RevisionId !== undefined && input.RevisionId !== present.revisionId) {
      const words =
        'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id'
      throw PreconditionFailedException(words, user)
    }
    return configurationOutput(ctx, await publishVersion(ctx, present, input.Description))
  },

  async ListVersionsByFunction(input, ctx) {
    const { name } = functionReference(input.FunctionName)
    mustGetLatest(ctx, name)
    const { page, ...rest } = pageOf([...ctx.in(functionVersions).list({ prefix: [name] })], input)
    return { Versions: page.map((record) => configurationOutput(ctx, record, true)), ...rest }
  },
})

/** What has not changed since the newest version is that version. */
export async function publishVersion(
  ctx: Context,
  present: FunctionVersion,
  description?: string,
): Promise<FunctionVersion> {
  const newest = ctx.in(functionVersions).first({ prefix: [present.name], reverse: true })
  if (newest && newest.version !== latest && isSame(newest, present, description)) return newest
  const blobs = ctx.use(codeBlobs)
  const blob = await blobs.duplicate(present.code.blobId)
  return await blobs.keeping([blob], () =>
    ctx.commit((tx) => {
      const settings = tx.in(functionSettings).get(present.name)
      if (!settings) throw functionNotFound(tx, present.name)
      const versionsCount = settings.versionsCount + 1
      const published: FunctionVersion = {
        ...present,
        version: String(versionsCount),
        description: description ?? present.description,
        code: { ...present.code, blobId: blob.id },
        revisionId: tx.random.uuid(),
      }
      blobs.keep(tx, blob)
      tx.in(functionSettings).put({ ...settings, versionsCount })
      tx.in(functionVersions).put(published)
      return published
    }),
  )
}

function isSame(newest: FunctionVersion, present: FunctionVersion, description: string | undefined): boolean {
  const comparable = (record: FunctionVersion) => {
    const {
      version: _version,
      revisionId: _revision,
      modifiedAt: _modified,
      description: _text,
      code,
      ...rest
    } = record
    return JSON.stringify({ ...rest, sha256: code.sha256 })
  }
  if (description !== undefined && description !== newest.description) return false
  return comparable(newest) === comparable(present)
}
