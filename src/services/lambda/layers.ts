/** Layers: archives that are laid over /opt, in versions that never change. */
import type { Millis } from '../../clock.ts'
import type { Context } from '../../delivery/context.ts'
import { collection, type Scope } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { archiveFrom, archiveLocation, codeBlobs, dropCode, type PackedCode, storeArchive } from './code.ts'
import { lambdaTime, layerKey } from './configuration.ts'
import { layerArn, pageOf, user } from './identifiers.ts'
import { newStatement, policyText, type Statement, withStatement } from './policies.ts'

const { ResourceNotFoundException, InvalidParameterValueException } = awsErrors('lambda')

export interface LayerVersion {
  name: string
  version: number
  description: string
  license: string
  compatibleRuntimes: string[]
  compatibleArchitectures: string[]
  code: PackedCode
  createdAt: Millis
  statements: Statement[]
  policyRevisionId: string
}

export const layerVersions = collection<LayerVersion>('lambda/layers', {
  version: 1,
  key: (record) => [record.name, record.version],
})

/** Numbers are never used again, also after the newest version was deleted. */
const layerCounters = collection<{ name: string; newest: number }>('lambda/layer-counters', {
  version: 1,
  key: (record) => [record.name],
})

export const layerOperations = operations('lambda', {
  async PublishLayerVersion(input, ctx) {
    const name = layerName(input.LayerName)
    const { code, blob } = await storeArchive(ctx, await archiveFrom(input.Content, ctx))
    const blobs = ctx.use(codeBlobs)
    const layer = await blobs.keeping([blob], () =>
      ctx.commit((tx) => {
        const version = (tx.in(layerCounters).get(name)?.newest ?? 0) + 1
        const published: LayerVersion = {
          name,
          version,
          code,
          description: input.Description ?? '',
          license: input.LicenseInfo ?? '',
          compatibleRuntimes: input.CompatibleRuntimes ?? [],
          compatibleArchitectures: input.CompatibleArchitectures ?? [],
          createdAt: tx.now,
          statements: [],
          policyRevisionId: tx.random.uuid(),
        }
        blobs.keep(tx, blob)
        tx.in(layerCounters).put({ name, newest: version })
        tx.in(layerVersions).put(published)
        return published
      }),
    )
    return { ...layerOutput(ctx, layer), Content: contentOf(ctx, layer) }
  },

  async GetLayerVersion(input, ctx) {
    const layer = mustGetLayer(ctx, layerName(input.LayerName), input.VersionNumber)
    return { ...layerOutput(ctx, layer), Content: contentOf(ctx, layer) }
  },

  async GetLayerVersionByArn(input, ctx) {
    const layer = mustGetLayer(ctx, ...layerKey(input.Arn))
    return { ...layerOutput(ctx, layer), Content: contentOf(ctx, layer) }
  },

  async ListLayerVersions(input, ctx) {
    const all = [...ctx.in(layerVersions).list({ prefix: [layerName(input.LayerName)], reverse: true })]
    const { page, ...rest } = pageOf(
      all.filter((layer) => suits(layer, input)),
      input,
    )
    return { LayerVersions: page.map((layer) => layerOutput(ctx, layer)), ...rest }
  },

  async ListLayers(input, ctx) {
    const newest = new Map<string, LayerVersion>()
    for (const layer of ctx.in(layerVersions).list()) if (suits(layer, input)) newest.set(layer.name, layer)
    const { page, ...rest } = pageOf([...newest.values()], input)
    const Layers = page.map((layer) => ({
      LayerName: layer.name,
      LayerArn: layerArn(ctx, layer.name),
      LatestMatchingVersion: layerOutput(ctx, layer),
    }))
    return { Layers, ...rest }
  },

  async DeleteLayerVersion(input, ctx) {
    const name = layerName(input.LayerName)
    await ctx.commit((tx) => {
      const layer = tx.in(layerVersions).get(name, input.VersionNumber)
      if (!layer) return
      tx.in(layerVersions).delete(name, input.VersionNumber)
      dropCode(tx, layer.code)
    })
    return {}
  },

  async AddLayerVersionPermission(input, ctx) {
    const name = layerName(input.LayerName)
    const statement = newStatement({
      id: input.StatementId,
      principal: input.Principal,
      action: input.Action,
      resource: `${layerArn(ctx, name)}:${input.VersionNumber}`,
      ...(input.OrganizationId && { organizationId: input.OrganizationId }),
    })
    const layer = await changePolicy(ctx, name, input.VersionNumber, (present) => withStatement(present, statement))
    return { Statement: JSON.stringify(statement), RevisionId: layer.policyRevisionId }
  },

  async RemoveLayerVersionPermission(input, ctx) {
    await changePolicy(ctx, layerName(input.LayerName), input.VersionNumber, (present) => {
      const rest = present.filter((statement) => statement.Sid !== input.StatementId)
      if (rest.length === present.length) throw policyNotFound(input.StatementId)
      return rest
    })
    return {}
  },

  async GetLayerVersionPolicy(input, ctx) {
    const layer = mustGetLayer(ctx, layerName(input.LayerName), input.VersionNumber)
    if (layer.statements.length === 0) {
      throw ResourceNotFoundException('No policy is associated with the given resource.', user)
    }
    return { Policy: policyText(layer.statements), RevisionId: layer.policyRevisionId }
  },
})

/** Layers that a function names must be there when it is made. */
export function mustGetLayers(ctx: Pick<Context, 'in'> & Scope, arns: readonly string[]): LayerVersion[] {
  const names = arns.map((arn) => layerKey(arn)[0])
  if (new Set(names).size < names.length) {
    throw InvalidParameterValueException(
      'Two different versions of the same layer are not allowed to be referenced in the same function.',
      user,
    )
  }
  return arns.map((arn) => {
    const layer = ctx.in(layerVersions).get(...layerKey(arn))
    if (!layer) throw InvalidParameterValueException(`Layer version ${arn} does not exist.`, user)
    return layer
  })
}

function mustGetLayer(ctx: Pick<Context, 'in'>, name: string, version: number): LayerVersion {
  const layer = ctx.in(layerVersions).get(name, version)
  if (!layer) throw ResourceNotFoundException('The resource you requested does not exist.', user)
  return layer
}

async function changePolicy(
  ctx: Context,
  name: string,
  version: number,
  change: (statements: Statement[]) => Statement[],
): Promise<LayerVersion> {
  return await ctx.commit((tx) => {
    const layer = mustGetLayer(tx, name, version)
    const changed = { ...layer, statements: change(layer.statements), policyRevisionId: tx.random.uuid() }
    tx.in(layerVersions).put(changed)
    return changed
  })
}

function policyNotFound(statementId: string): Error {
  return ResourceNotFoundException(`Statement ${statementId} is not found in resource policy.`, user)
}

/** A layer's name, or its ARN. */
function layerName(text: string): string {
  return text.startsWith('arn:') ? (text.split(':')[6] ?? '') : text
}

function suits(layer: LayerVersion, input: { CompatibleRuntime?: string; CompatibleArchitecture?: string }): boolean {
  const { CompatibleRuntime: runtime, CompatibleArchitecture: architecture } = input
  if (runtime && !layer.compatibleRuntimes.includes(runtime)) return false
  return !architecture || layer.compatibleArchitectures.includes(architecture)
}

function layerOutput(ctx: Scope, layer: LayerVersion) {
  return {
    LayerArn: layerArn(ctx, layer.name),
    LayerVersionArn: `${layerArn(ctx, layer.name)}:${layer.version}`,
    Description: layer.description,
    CreatedDate: lambdaTime(layer.createdAt),
    Version: layer.version,
    ...(layer.license && { LicenseInfo: layer.license }),
    ...(layer.compatibleRuntimes.length > 0 && { CompatibleRuntimes: layer.compatibleRuntimes as never }),
    ...(layer.compatibleArchitectures.length > 0 && {
      CompatibleArchitectures: layer.compatibleArchitectures as never,
    }),
  }
}

function contentOf(ctx: Context, layer: LayerVersion) {
  return { Location: archiveLocation(ctx, layer.code), CodeSha256: layer.code.sha256, CodeSize: layer.code.bytes }
}
