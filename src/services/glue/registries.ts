/** Registries of schemas. Their schemas are in schemas.ts. */
import type { RegistryId } from '@aws-sdk/client-glue'
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import type { Scope } from '../../store/collection.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { glueArn } from './names.ts'
import { pageOf } from './pages.ts'
import { deleteSchema, schemas } from './schemaRecords.ts'
import { putTags } from './tags.ts'

const { AlreadyExistsException, EntityNotFoundException, InvalidInputException } = awsErrors('glue')

export interface Registry {
  name: string
  description?: string
  createdAt: Millis
  updatedAt: Millis
}

export const registries = collection<Registry>('glue/registries', { version: 1, key: ({ name }) => [name] })

/** Where a schema goes whose registry is not named. */
export const defaultRegistry = 'default-registry'

export const registryOperations = operations('glue', {
  async CreateRegistry(input, ctx) {
    const { RegistryName: name, Description: description, Tags = {} } = input
    await ctx.commit((tx) => {
      if (tx.in(registries).has(name)) throw AlreadyExistsException(`Registry already exists. RegistryName: ${name}`)
      putRegistry(tx, name, description, Tags)
    })
    return {
      RegistryArn: glueArn(ctx, 'registry', name),
      RegistryName: name,
      ...(description !== undefined && { Description: description }),
      Tags,
    }
  },

  async GetRegistry(input, ctx) {
    return registryOutput(ctx, mustGetRegistry(ctx, input.RegistryId))
  },

  async ListRegistries(input, ctx) {
    const { items, next } = pageOf(ctx.in(registries).list(), input)
    return { Registries: items.map((registry) => registryOutput(ctx, registry)), ...next }
  },

  async UpdateRegistry(input, ctx) {
    const { name } = await ctx.commit((tx) => {
      const changed = { ...mustGetRegistry(tx, input.RegistryId), description: input.Description, updatedAt: tx.now }
      tx.in(registries).put(changed)
      return changed
    })
    return { RegistryName: name, RegistryArn: glueArn(ctx, 'registry', name) }
  },

  async DeleteRegistry(input, ctx) {
    const { name } = await ctx.commit((tx) => {
      const registry = mustGetRegistry(tx, input.RegistryId)
      for (const schema of [...tx.in(schemas).list({ prefix: [registry.name] })]) deleteSchema(tx, schema)
      tx.in(registries).delete(registry.name)
      putTags(tx, glueArn(tx, 'registry', registry.name), undefined)
      return registry
    })
    return { RegistryName: name, RegistryArn: glueArn(ctx, 'registry', name), Status: 'DELETING' as const }
  },
})

export function putRegistry(tx: Tx, name: string, description?: string, tags: Record<string, string> = {}): void {
  tx.in(registries).put({
    name,
    ...(description !== undefined && { description }),
    createdAt: tx.now,
    updatedAt: tx.now,
  })
  putTags(tx, glueArn(tx, 'registry', name), tags)
}

/** Errors: InvalidInputException where neither name nor ARN is given. */
export function registryNameOf({ RegistryName, RegistryArn }: RegistryId): string {
  const name = RegistryName ?? RegistryArn?.split(':registry/')[1]
  if (!name) throw InvalidInputException('One of registryName or registryArn has to be provided.')
  return name
}

function mustGetRegistry(ctx: Pick<Context | Tx, 'in'>, id: RegistryId | undefined): Registry {
  const name = registryNameOf(id ?? {})
  const registry = ctx.in(registries).get(name)
  if (!registry) throw EntityNotFoundException(`Registry is not found. RegistryName: ${name}`)
  return registry
}

function registryOutput(scope: Scope, { name, description, createdAt, updatedAt }: Registry) {
  return {
    RegistryName: name,
    RegistryArn: glueArn(scope, 'registry', name),
    ...(description !== undefined && { Description: description }),
    Status: 'AVAILABLE' as const,
    CreatedTime: new Date(createdAt).toISOString(),
    UpdatedTime: new Date(updatedAt).toISOString(),
  }
}
