/** Schemas of the registry: Avro, JSON and Protobuf, each version checked against those before it. */
import type { SchemaId, SchemaVersionNumber } from '@aws-sdk/client-glue'
import type { Context, Tx } from '../../delivery/context.ts'
import {
  isCompatible,
  languageOf,
  type SchemaFormat,
  type SchemaLanguage,
} from '../../engines/schemaRegistry/compatibility.ts'
import { Undecided } from '../../engines/schemaRegistry/jsonCompatibility.ts'
import type { Scope } from '../../store/collection.ts'
import { awsErrors, NotImplemented } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { glueArn } from './names.ts'
import { pageOf } from './pages.ts'
import { defaultRegistry, putRegistry, registries, registryNameOf } from './registries.ts'
import {
  deleteSchema,
  deleteVersion,
  type RegistrySchema,
  type SchemaVersion,
  schemas,
  schemaVersionPlaces,
  schemaVersions,
} from './schemaRecords.ts'
import { putTags } from './tags.ts'

const { AlreadyExistsException, EntityNotFoundException, InvalidInputException } = awsErrors('glue')

export const schemaOperations = operations('glue', {
  async CreateSchema(input, ctx) {
    const format = input.DataFormat as SchemaFormat
    const language = await languageOf(format)
    const registry = input.RegistryId ? registryNameOf(input.RegistryId) : defaultRegistry
    const { SchemaName: name, Description: description, SchemaDefinition, Tags = {} } = input
    const { schema, version } = await ctx.commit((tx) => {
      if (!tx.in(registries).has(registry)) {
        if (input.RegistryId) throw EntityNotFoundException(`Registry is not found. RegistryName: ${registry}`)
        putRegistry(tx, registry)
      }
      if (tx.in(schemas).has(registry, name))
        throw AlreadyExistsException(`Schema already exists. SchemaName: ${name}, RegistryName: ${registry}`)
      const made: RegistrySchema = {
        registry,
        name,
        format,
        compatibility: input.Compatibility ?? 'BACKWARD',
        ...(description !== undefined && { description }),
        checkpoint: 1,
        nextVersion: 1,
        createdAt: tx.now,
        updatedAt: tx.now,
      }
      tx.in(schemas).put(made)
      putTags(tx, arnOf(tx, made), Tags)
      const first =
        SchemaDefinition === undefined ? undefined : register(tx, { schema: made, language }, SchemaDefinition)
      return { schema: tx.in(schemas).get(registry, name) as RegistrySchema, version: first }
    })
    return {
      ...schemaOutput(ctx, schema),
      Tags,
      ...(version && { SchemaVersionId: version.id, SchemaVersionStatus: version.status }),
    }
  },

  async GetSchema(input, ctx) {
    const schema = mustGetSchema(ctx, input.SchemaId)
    return { ...schemaOutput(ctx, schema), ...timesOf(schema) }
  },

  async ListSchemas(input, ctx) {
    const prefix = input.RegistryId ? [registryNameOf(input.RegistryId)] : []
    const { items, next } = pageOf(ctx.in(schemas).list({ prefix }), input)
    return { Schemas: items.map((schema) => ({ ...schemaOutput(ctx, schema), ...timesOf(schema) })), ...next }
  },

  async UpdateSchema(input, ctx) {
    const schema = await ctx.commit((tx) => {
      const there = mustGetSchema(tx, input.SchemaId)
      if (input.Compatibility && !input.SchemaVersionNumber)
        throw InvalidInputException('A compatibility change needs the version that it is counted from.')
      const checkpoint = input.SchemaVersionNumber && mustGetVersion(tx, there, input.SchemaVersionNumber).number
      const changed = {
        ...there,
        ...(input.Compatibility && { compatibility: input.Compatibility }),
        ...(input.Description !== undefined && { description: input.Description }),
        ...(checkpoint !== undefined && { checkpoint }),
        updatedAt: tx.now,
      }
      tx.in(schemas).put(changed)
      return changed
    })
    return { SchemaArn: arnOf(ctx, schema), SchemaName: schema.name, RegistryName: schema.registry }
  },

  async DeleteSchema(input, ctx) {
    const schema = await ctx.commit((tx) => {
      const there = mustGetSchema(tx, input.SchemaId)
      deleteSchema(tx, there)
      return there
    })
    return { SchemaArn: arnOf(ctx, schema), SchemaName: schema.name, Status: 'DELETING' as const }
  },

  async RegisterSchemaVersion(input, ctx) {
    const language = await languageOf(mustGetSchema(ctx, input.SchemaId).format)
    const version = await ctx.commit((tx) =>
      register(tx, { schema: mustGetSchema(tx, input.SchemaId), language }, input.SchemaDefinition),
    )
    return { SchemaVersionId: version.id, VersionNumber: version.number, Status: version.status }
  },

  async GetSchemaVersion(input, ctx) {
    const version = versionAt(ctx, input)
    const schema = ctx.in(schemas).get(version.registry, version.schema) as RegistrySchema
    return { ...versionOutput(ctx, schema, version), SchemaDefinition: version.definition, DataFormat: schema.format }
  },

  async GetSchemaByDefinition(input, ctx) {
    const schema = mustGetSchema(ctx, input.SchemaId)
    const language = await languageOf(schema.format)
    const version = versionsOf(ctx, schema).find((one) => isSame(language, one.definition, input.SchemaDefinition))
    if (!version) throw EntityNotFoundException(`Schema is not found. SchemaName: ${schema.name}`)
    return { ...versionOutput(ctx, schema, version), DataFormat: schema.format }
  },

  async ListSchemaVersions(input, ctx) {
    const schema = mustGetSchema(ctx, input.SchemaId)
    const { items, next } = pageOf(versionsOf(ctx, schema).toReversed(), input)
    return { Schemas: items.map((version) => versionOutput(ctx, schema, version)), ...next }
  },

  async CheckSchemaVersionValidity(input) {
    const language = await languageOf(input.DataFormat as SchemaFormat)
    const mistake = language.mistakeIn(input.SchemaDefinition)
    return { Valid: mistake === undefined, ...(mistake !== undefined && { Error: mistake }) }
  },

  async DeleteSchemaVersions(input, ctx) {
    const SchemaVersionErrors = await ctx.commit((tx) => {
      const schema = mustGetSchema(tx, input.SchemaId)
      return numbersIn(input.Versions).flatMap((number) => {
        const version = tx.in(schemaVersions).get(schema.registry, schema.name, number)
        const isCheckpoint = number === schema.checkpoint
        if (version && !isCheckpoint) {
          deleteVersion(tx, version)
          return []
        }
        const [ErrorCode, ErrorMessage] = isCheckpoint
          ? ['InvalidInputException', 'The checkpoint version cannot be deleted.']
          : ['EntityNotFoundException', `Schema version ${number} is not found.`]
        return [{ VersionNumber: number, ErrorDetails: { ErrorCode, ErrorMessage } }]
      })
    })
    return { SchemaVersionErrors }
  },
})

interface Registering {
  schema: RegistrySchema
  language: SchemaLanguage
}

/** A definition that is there already is not registered again; one that does not fit is kept as a FAILURE. */
function register(tx: Tx, { schema, language }: Registering, definition: string): SchemaVersion {
  const mistake = language.mistakeIn(definition)
  if (mistake !== undefined)
    throw InvalidInputException(`Schema definition of ${schema.format} data format is invalid: ${mistake}`)
  const there = versionsOf(tx, schema)
  const same = there.find(
    (version) => version.status === 'AVAILABLE' && isSame(language, version.definition, definition),
  )
  if (same) return same
  if (schema.compatibility === 'DISABLED' && there.length > 0)
    throw InvalidInputException('Compatibility DISABLED does not allow versioning. SchemaVersion cannot be registered.')
  const version: SchemaVersion = {
    registry: schema.registry,
    schema: schema.name,
    number: schema.nextVersion,
    id: tx.random.uuid(),
    definition,
    status: fits({ schema, language }, definition, there) ? 'AVAILABLE' : 'FAILURE',
    createdAt: tx.now,
  }
  tx.in(schemaVersions).put(version)
  tx.in(schemaVersionPlaces).put({
    id: version.id,
    registry: schema.registry,
    schema: schema.name,
    number: version.number,
  })
  tx.in(schemas).put({ ...schema, nextVersion: version.number + 1, updatedAt: tx.now })
  return version
}

function fits({ schema, language }: Registering, definition: string, there: readonly SchemaVersion[]): boolean {
  const counted = there.filter(({ status, number }) => status === 'AVAILABLE' && number >= schema.checkpoint)
  try {
    const rule = { language, mode: schema.compatibility }
    return isCompatible(
      rule,
      definition,
      counted.map((version) => version.definition),
    )
  } catch (error) {
    if (error instanceof Undecided)
      throw NotImplemented(`glue: compatibility of JSON schemas whose ${error.message} changed`)
    throw error
  }
}

/** What is no definition at all is the same as none. */
function isSame(language: SchemaLanguage, one: string, other: string): boolean {
  return language.mistakeIn(other) === undefined && language.normal(one) === language.normal(other)
}

/** `2`, or `2-5`. */
function numbersIn(text: string): number[] {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text.trim())
  const [first, last] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])]
  if (!match || last < first || last - first >= 25) throw InvalidInputException(`Invalid versions: ${text}`)
  return Array.from({ length: last - first + 1 }, (_, at) => first + at)
}

/** Errors: EntityNotFoundException. */
function mustGetSchema(ctx: Pick<Context | Tx, 'in'>, id: SchemaId | undefined): RegistrySchema {
  const [, arnRegistry, arnName] = /:schema\/([^/]+)\/(.+)$/.exec(id?.SchemaArn ?? '') ?? []
  const registry = arnRegistry ?? id?.RegistryName ?? defaultRegistry
  const name = arnName ?? id?.SchemaName
  if (!name) throw InvalidInputException('One of schemaArn or schemaName has to be provided.')
  const schema = ctx.in(schemas).get(registry, name)
  if (!schema) throw EntityNotFoundException(`Schema is not found. RegistryName: ${registry}, SchemaName: ${name}`)
  return schema
}

export function versionsOf(
  ctx: Pick<Context | Tx, 'in'>,
  { registry, name }: Pick<RegistrySchema, 'registry' | 'name'>,
): SchemaVersion[] {
  return [...ctx.in(schemaVersions).list({ prefix: [registry, name] })]
}

function mustGetVersion(
  ctx: Pick<Context | Tx, 'in'>,
  schema: RegistrySchema,
  { LatestVersion, VersionNumber }: SchemaVersionNumber,
): SchemaVersion {
  const all = versionsOf(ctx, schema)
  const latest = all.findLast(({ status }) => status === 'AVAILABLE')
  const found = LatestVersion ? latest : all.find(({ number }) => number === VersionNumber)
  if (!found) throw EntityNotFoundException(`Schema version is not found. SchemaName: ${schema.name}`)
  return found
}

export interface VersionAddress {
  SchemaId?: SchemaId | undefined
  SchemaVersionNumber?: SchemaVersionNumber | undefined
  SchemaVersionId?: string | undefined
}

/** A version by its id, or by its number in a schema; the newest where none is said. Errors: EntityNotFoundException. */
export function versionAt(ctx: Pick<Context | Tx, 'in'>, address: VersionAddress): SchemaVersion {
  const { SchemaVersionId, SchemaId, SchemaVersionNumber = { LatestVersion: true } } = address
  if (SchemaVersionId) return versionById(ctx, SchemaVersionId)
  return mustGetVersion(ctx, mustGetSchema(ctx, SchemaId), SchemaVersionNumber)
}

function versionById(ctx: Pick<Context | Tx, 'in'>, id: string): SchemaVersion {
  const place = ctx.in(schemaVersionPlaces).get(id)
  const found = place && ctx.in(schemaVersions).get(place.registry, place.schema, place.number)
  if (!found) throw EntityNotFoundException(`Schema version is not found. SchemaVersionId: ${id}`)
  return found
}

export function arnOf(scope: Scope, { registry, name }: Pick<RegistrySchema, 'registry' | 'name'>): string {
  return glueArn(scope, 'schema', `${registry}/${name}`)
}

function schemaOutput(scope: Scope, schema: RegistrySchema) {
  return {
    RegistryName: schema.registry,
    RegistryArn: glueArn(scope, 'registry', schema.registry),
    SchemaName: schema.name,
    SchemaArn: arnOf(scope, schema),
    ...(schema.description !== undefined && { Description: schema.description }),
    DataFormat: schema.format,
    Compatibility: schema.compatibility,
    SchemaCheckpoint: schema.checkpoint,
    LatestSchemaVersion: schema.nextVersion - 1,
    NextSchemaVersion: schema.nextVersion,
    SchemaStatus: 'AVAILABLE' as const,
  }
}

function timesOf({ createdAt, updatedAt }: RegistrySchema) {
  return { CreatedTime: new Date(createdAt).toISOString(), UpdatedTime: new Date(updatedAt).toISOString() }
}

function versionOutput(scope: Scope, schema: RegistrySchema, { id, number, status, createdAt }: SchemaVersion) {
  return {
    SchemaVersionId: id,
    SchemaArn: arnOf(scope, schema),
    VersionNumber: number,
    Status: status,
    CreatedTime: new Date(createdAt).toISOString(),
  }
}
