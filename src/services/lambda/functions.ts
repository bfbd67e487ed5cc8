/** Functions: made, read, changed and deleted. What a version is like is in configuration.ts. */
import type { Context, Tx } from '../../delivery/context.ts'
import { awsErrors, NotImplemented } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { aliases } from './aliasRecords.ts'
import { archiveFrom, archiveLocation, codeBlobs, dropCode, storeArchive } from './code.ts'
import { type ConfigurationInput, configurationOutput, configured, defaults } from './configuration.ts'
import { eventInvokeConfigs } from './eventInvokeConfigs.ts'
import { functionArn, functionReference, latest, pageOf, user } from './identifiers.ts'
import { mustGetLayers } from './layers.ts'
import { functionPolicies } from './permissions.ts'
import {
  type FunctionVersion,
  functionSettings,
  functionVersions,
  getTarget,
  mustGetLatest,
  mustGetTarget,
  versionNumber,
} from './records.ts'
import { functionPool, specKey } from './runtime.ts'
import { publishVersion } from './versions.ts'

const { InvalidParameterValueException, PreconditionFailedException, ResourceConflictException } = awsErrors('lambda')

/** Code and layers, unpacked. */
const unzippedBytesMax = 262_144_000
const onlyZip = 'lambda: PackageType Image (functions are made from zip archives)'

export const functionOperations = operations('lambda', {
  async CreateFunction(input, ctx) {
    if (input.PackageType === 'Image' || input.ImageConfig) throw NotImplemented(onlyZip)
    const { name } = functionReference(input.FunctionName)
    const configuration = configured(defaults, input as ConfigurationInput)
    if (getTarget(ctx, { name })) throw alreadyThere(name)
    const archive = await archiveFrom(input.Code, ctx)
    checkUnzipped(ctx, configuration.layers, archive.unzippedBytes)
    await checkMachine(ctx, configuration)
    const { code, blob } = await storeArchive(ctx, archive)
    const blobs = ctx.use(codeBlobs)
    const made = await blobs.keeping([blob], () =>
      ctx.commit((tx) => {
        if (getTarget(tx, { name })) throw alreadyThere(name)
        blobs.keep(tx, blob)
        const architectures = input.Architectures ?? ['x86_64']
        const record = { ...configuration, name, version: latest, code, architectures, ...stamp(tx) }
        tx.in(functionVersions).put(record)
        tx.in(functionSettings).put({ name, createdAt: tx.now, tags: input.Tags ?? {}, versionsCount: 0 })
        return record
      }),
    )
    return configurationOutput(ctx, input.Publish ? await publishVersion(ctx, made) : made)
  },

  async GetFunction(input, ctx) {
    const reference = functionReference(input.FunctionName, input.Qualifier)
    const { version } = mustGetTarget(ctx, reference)
    const settings = ctx.in(functionSettings).get(version.name)
    return {
      Configuration: { ...configurationOutput(ctx, version), FunctionArn: shownArn(ctx, reference) },
      Code: { RepositoryType: 'S3', Location: archiveLocation(ctx, version.code) },
      ...(settings && Object.keys(settings.tags).length > 0 && { Tags: settings.tags }),
      ...(settings?.reservedConcurrency !== undefined && {
        Concurrency: { ReservedConcurrentExecutions: settings.reservedConcurrency },
      }),
    }
  },

  async GetFunctionConfiguration(input, ctx) {
    const reference = functionReference(input.FunctionName, input.Qualifier)
    const { version } = mustGetTarget(ctx, reference)
    return { ...configurationOutput(ctx, version), FunctionArn: shownArn(ctx, reference) }
  },

  async ListFunctions(input, ctx) {
    const every = input.FunctionVersion === 'ALL'
    const all = [...ctx.in(functionVersions).list()].filter((record) => every || record.version === latest)
    const { page, ...rest } = pageOf(all, input)
    return { Functions: page.map((record) => configurationOutput(ctx, record, every)), ...rest }
  },

  async UpdateFunctionCode(input, ctx) {
    const { name } = functionReference(input.FunctionName)
    const present = mustGetLatest(ctx, name)
    checkRevision(present, input.RevisionId)
    const archive = await archiveFrom(input, ctx)
    checkUnzipped(ctx, present.layers, archive.unzippedBytes)
    if (input.DryRun) return configurationOutput(ctx, present)
    const { code, blob } = await storeArchive(ctx, archive)
    const blobs = ctx.use(codeBlobs)
    const changed = await blobs.keeping([blob], () =>
      ctx.commit((tx) => {
        blobs.keep(tx, blob)
        return replaceLatest(tx, name, input.RevisionId, (before) => {
          dropCode(tx, before.code)
          return { ...before, code, architectures: input.Architectures ?? before.architectures }
        })
      }),
    )
    return configurationOutput(ctx, input.Publish ? await publishVersion(ctx, changed) : changed)
  },

  async UpdateFunctionConfiguration(input, ctx) {
    const { name } = functionReference(input.FunctionName)
    const wanted = configured(mustGetLatest(ctx, name), input as ConfigurationInput)
    checkUnzipped(ctx, wanted.layers, wanted.code.unzippedBytes)
    await checkMachine(ctx, wanted)
    const changed = await ctx.commit((tx) =>
      replaceLatest(tx, name, input.RevisionId, (before) => configured(before, input as ConfigurationInput)),
    )
    return configurationOutput(ctx, changed)
  },

  async DeleteFunction(input, ctx) {
    const { name, qualifier } = functionReference(input.FunctionName, input.Qualifier)
    await ctx.commit((tx) => {
      if (qualifier === undefined) deleteFunction(tx, name)
      else deleteVersion(tx, name, qualifier)
    })
    return { StatusCode: 204 }
  },
})

/** What every change of a version brings. */
function stamp(tx: Tx): Pick<FunctionVersion, 'revisionId' | 'modifiedAt'> {
  return { revisionId: tx.random.uuid(), modifiedAt: tx.now }
}

function replaceLatest(
  tx: Tx,
  name: string,
  revisionId: string | undefined,
  change: (before: FunctionVersion) => FunctionVersion,
): FunctionVersion {
  const before = mustGetLatest(tx, name)
  checkRevision(before, revisionId)
  const after = { ...change(before), ...stamp(tx) }
  tx.in(functionVersions).put(after)
  tx.afterApply(() => tx.use(functionPool).retire(specKey(tx, before)))
  return after
}

function deleteFunction(tx: Tx, name: string): void {
  mustGetLatest(tx, name)
  for (const version of [...tx.in(functionVersions).list({ prefix: [name] })]) removeVersion(tx, version)
  for (const { alias } of [...tx.in(aliases).list({ prefix: [name] })]) tx.in(aliases).delete(name, alias)
  for (const { qualifier } of [...tx.in(functionPolicies).list({ prefix: [name] })]) {
    tx.in(functionPolicies).delete(name, qualifier)
  }
  for (const { qualifier } of [...tx.in(eventInvokeConfigs).list({ prefix: [name] })]) {
    tx.in(eventInvokeConfigs).delete(name, qualifier)
  }
  tx.in(functionSettings).delete(name)
}

function deleteVersion(tx: Tx, name: string, qualifier: string): void {
  if (qualifier === latest) {
    throw InvalidParameterValueException('$LATEST version cannot be deleted without deleting the function.', user)
  }
  if (!/^\d+$/.test(qualifier)) {
    throw InvalidParameterValueException('Deletion of aliases is not currently supported.', user)
  }
  const version = tx.in(functionVersions).get(name, versionNumber(qualifier))
  if (!version) return
  const holder = [...tx.in(aliases).list({ prefix: [name] })].find(
    (alias) => alias.version === qualifier || qualifier in alias.weights,
  )
  if (holder) {
    const words = `Version ${qualifier} is being referenced by an alias: ${functionArn(tx, name, holder.alias)}`
    throw ResourceConflictException(words, user)
  }
  removeVersion(tx, version)
}

function removeVersion(tx: Tx, version: FunctionVersion): void {
  tx.in(functionVersions).delete(version.name, versionNumber(version.version))
  dropCode(tx, version.code)
  tx.afterApply(() => tx.use(functionPool).retire(specKey(tx, version)))
}

function checkRevision(present: FunctionVersion, revisionId: string | undefined): void {
  if (revisionId === undefined || revisionId === present.revisionId) return
  throw PreconditionFailedException(
    'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id',
    user,
  )
}

/** Code and layers together have a limit; layers must be there. */
function checkUnzipped(ctx: Context, layers: readonly string[], codeBytes: number): void {
  const bytes = mustGetLayers(ctx, layers).reduce((sum, layer) => sum + layer.code.unzippedBytes, codeBytes)
  if (bytes <= unzippedBytesMax) return
  throw InvalidParameterValueException(
    `Function code combined with layers exceeds the maximum allowed size of ${unzippedBytesMax} bytes. The actual size is ${bytes} bytes.`,
    user,
  )
}

/** What this machine can never run is refused when it is made, not when it is invoked. */
async function checkMachine(ctx: Context, configuration: { runtime: string; layers: string[] }): Promise<void> {
  if (!ctx.options.strictRuntimes && configuration.layers.length === 0) return
  const obstacle = await ctx.use(functionPool).obstacle(configuration.runtime, configuration.layers.length > 0)
  if (obstacle) throw InvalidParameterValueException(obstacle, user)
}

function shownArn(ctx: Context, reference: { name: string; qualifier?: string }): string {
  return functionArn(ctx, reference.name, reference.qualifier)
}

function alreadyThere(name: string): Error {
  return ResourceConflictException(`Function already exist: ${name}`, user)
}
