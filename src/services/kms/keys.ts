/**
 * Keys and their aliases. Key material lies in the store like everything else: what is encrypted here is kept from
 * reading by accident, not from whoever owns the disk.
 */
import { randomBytes } from 'node:crypto'
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { type Due, dueQueue, worker } from '../../delivery/due.ts'
import { collection, type Records } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { newMaterial } from './keyMaterial.ts'

const { InvalidArnException, KMSInvalidStateException, NotFoundException, UnsupportedOperationException } =
  awsErrors('kms')

export interface Key {
  id: string
  state: 'Enabled' | 'Disabled' | 'PendingDeletion'
  createdAt: Millis
  deletionAt?: Millis
  description: string
  spec: string
  usage: 'ENCRYPT_DECRYPT' | 'SIGN_VERIFY' | 'GENERATE_VERIFY_MAC'
  /** Secret bytes, or the private key of a pair in PKCS 8, in base 64. */
  material: string
  policy: string
  isRotated: boolean
  rotationDays?: number
  isMultiRegion: boolean
  manager: 'AWS' | 'CUSTOMER'
  tags: Record<string, string>
}

export const keys = collection<Key>('kms/keys', { version: 1, key: (key) => [key.id] })

export interface Alias {
  name: string
  keyId: string
  createdAt: Millis
}

export const aliases = collection<Alias>('kms/aliases', { version: 1, key: (alias) => [alias.name] })

const deletions = dueQueue<Due>('kms/deletions')
const dayMillis = 86_400_000

export const deletionWorker = worker('kms/deletions', {
  queue: deletions,
  async run(item, ctx) {
    await ctx.commit((tx) => {
      tx.due(deletions).delete(item.id)
      if (tx.in(keys).get(item.id)?.state !== 'PendingDeletion') return
      tx.in(keys).delete(item.id)
      for (const alias of [...tx.in(aliases).list()]) if (alias.keyId === item.id) tx.in(aliases).delete(alias.name)
    })
  },
})

export const keyOperations = operations('kms', {
  async CreateKey(input, ctx) {
    if (input.Origin !== undefined && input.Origin !== 'AWS_KMS') {
      throw UnsupportedOperationException(`Keys of origin ${input.Origin} are not implemented by Igarapé.`)
    }
    const spec = input.KeySpec ?? input.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT'
    const key = newKey(ctx, { spec, description: input.Description ?? '', manager: 'CUSTOMER' })
    key.usage = (input.KeyUsage as Key['usage']) ?? key.usage
    key.policy = input.Policy ?? key.policy
    key.isMultiRegion = input.MultiRegion ?? false
    key.tags = Object.fromEntries((input.Tags ?? []).map(({ TagKey = '', TagValue = '' }) => [TagKey, TagValue]))
    await ctx.commit((tx) => tx.in(keys).put(key))
    return { KeyMetadata: metadataOf(key, ctx) }
  },

  async DescribeKey(input, ctx) {
    return { KeyMetadata: metadataOf(await mustUse(ctx, input.KeyId), ctx) }
  },

  async ListKeys(input, ctx) {
    const { page, rest } = pageOf([...ctx.in(keys).list()], (key) => key.id, input)
    return { Keys: page.map((key) => ({ KeyId: key.id, KeyArn: keyArn(key.id, ctx) })), ...rest }
  },

  async EnableKey(input, ctx) {
    await change(ctx, input.KeyId, (key) => ({ ...mustNotBePending(key, ctx), state: 'Enabled' }))
    return {}
  },

  async DisableKey(input, ctx) {
    await change(ctx, input.KeyId, (key) => ({ ...mustNotBePending(key, ctx), state: 'Disabled' }))
    return {}
  },

  async UpdateKeyDescription(input, ctx) {
    await change(ctx, input.KeyId, (key) => ({ ...mustNotBePending(key, ctx), description: input.Description }))
    return {}
  },

  async ScheduleKeyDeletion(input, ctx) {
    const days = input.PendingWindowInDays ?? 30
    const at = ctx.clock.now() + days * dayMillis
    const key = await change(ctx, input.KeyId, (present, tx) => {
      tx.due(deletions).put({ id: present.id, dueAt: at })
      return { ...mustNotBePending(present, ctx), state: 'PendingDeletion', deletionAt: at }
    })
    return {
      KeyId: keyArn(key.id, ctx),
      DeletionDate: new Date(at),
      KeyState: 'PendingDeletion' as const,
      PendingWindowInDays: days,
    }
  },

  async CancelKeyDeletion(input, ctx) {
    const key = await change(ctx, input.KeyId, (present, tx) => {
      if (present.state !== 'PendingDeletion') {
        throw KMSInvalidStateException(`${keyArn(present.id, ctx)} is not pending deletion.`)
      }
      tx.due(deletions).delete(present.id)
      const { deletionAt: _, ...rest } = present
      return { ...rest, state: 'Disabled' }
    })
    return { KeyId: keyArn(key.id, ctx) }
  },

  async GetKeyPolicy(input, ctx) {
    const key = await mustUse(ctx, input.KeyId)
    return { Policy: key.policy, PolicyName: 'default' }
  },

  async PutKeyPolicy(input, ctx) {
    checkJson(input.Policy)
    await change(ctx, input.KeyId, (key) => ({ ...key, policy: input.Policy }))
    return {}
  },

  async ListKeyPolicies(input, ctx) {
    await mustUse(ctx, input.KeyId)
    return { PolicyNames: ['default'], Truncated: false }
  },

  async EnableKeyRotation(input, ctx) {
    await change(ctx, input.KeyId, (key) => {
      if (key.spec !== 'SYMMETRIC_DEFAULT') throw UnsupportedOperationException('')
      return { ...key, isRotated: true, rotationDays: input.RotationPeriodInDays ?? key.rotationDays ?? 365 }
    })
    return {}
  },

  async DisableKeyRotation(input, ctx) {
    await change(ctx, input.KeyId, (key) => ({ ...key, isRotated: false }))
    return {}
  },

  async GetKeyRotationStatus(input, ctx) {
    const key = await mustUse(ctx, input.KeyId)
    return {
      KeyId: key.id,
      KeyRotationEnabled: key.isRotated,
      ...(key.isRotated && { RotationPeriodInDays: key.rotationDays ?? 365 }),
    }
  },

  async TagResource(input, ctx) {
    const given = Object.fromEntries(input.Tags.map(({ TagKey = '', TagValue = '' }) => [TagKey, TagValue]))
    await change(ctx, input.KeyId, (key) => ({ ...key, tags: { ...key.tags, ...given } }))
    return {}
  },

  async UntagResource(input, ctx) {
    await change(ctx, input.KeyId, (key) => ({
      ...key,
      tags: Object.fromEntries(Object.entries(key.tags).filter(([name]) => !input.TagKeys.includes(name))),
    }))
    return {}
  },

  async ListResourceTags(input, ctx) {
    const { tags } = await mustUse(ctx, input.KeyId)
    return { Tags: Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue })), Truncated: false }
  },
})

export function newKey(
  ctx: Context,
  { spec, description, manager }: Pick<Key, 'spec' | 'description' | 'manager'>,
): Key {
  const { material, usage } = newMaterial(spec)
  return {
    id: ctx.random.uuid(),
    state: 'Enabled',
    createdAt: ctx.clock.now(),
    description,
    spec,
    usage,
    material,
    policy: defaultPolicy(ctx.account),
    isRotated: false,
    isMultiRegion: false,
    manager,
    tags: {},
  }
}

export function keyArn(id: string, place: { account: string; region: string }): string {
  return `arn:aws:kms:${place.region}:${place.account}:key/${id}`
}

/** A key by id, ARN, alias or alias ARN. */
export function findKey(reader: { in: KeyReader }, name: string): Key | undefined {
  const local = /^arn:[^:]+:kms:[^:]*:\d*:(.+)$/.exec(name)?.[1] ?? name
  if (!local.startsWith('alias/')) return reader.in(keys).get(local.replace(/^key\//, ''))
  const alias = reader.in(aliases).get(local)
  return alias && reader.in(keys).get(alias.keyId)
}

interface KeyReader {
  (collection: typeof keys): Records<Key>
  (collection: typeof aliases): Records<Alias>
}

/** A key that is there; AWS's own keys (`alias/aws/…`) are made when first asked for. */
export async function mustUse(ctx: Context, name: string): Promise<Key> {
  const found = findKey(ctx, name)
  if (found) return found
  const own = /(?:^|:)(alias\/aws\/[\w-]+)$/.exec(name)?.[1]
  if (own === undefined) throw keyNotFound(ctx, name)
  const description = `Default key that protects my ${own.slice('alias/aws/'.length)} data when no other key is defined`
  const made = newKey(ctx, { spec: 'SYMMETRIC_DEFAULT', description, manager: 'AWS' })
  return await ctx.commit((tx) => {
    const present = findKey(tx, own)
    if (present) return present
    tx.in(keys).put(made)
    tx.in(aliases).put({ name: own, keyId: made.id, createdAt: tx.now })
    return made
  })
}

export function keyNotFound(ctx: Context, name: string): Error {
  if (name.startsWith('arn:') && !/^arn:[^:]+:kms:/.test(name)) return InvalidArnException(`Invalid arn ${name}`)
  if (name.includes('alias/')) {
    const alias = name.slice(name.indexOf('alias/'))
    return NotFoundException(`Alias arn:aws:kms:${ctx.region}:${ctx.account}:${alias} is not found.`)
  }
  const arn = name.startsWith('arn:') ? name : keyArn(name, ctx)
  return NotFoundException(`Key '${arn}' does not exist`)
}

async function change(ctx: Context, name: string, update: (key: Key, tx: Tx) => Key): Promise<Key> {
  const { id } = await mustUse(ctx, name)
  return await ctx.commit((tx) => {
    const present = tx.in(keys).get(id)
    if (!present) throw keyNotFound(ctx, name)
    const changed = update(present, tx)
    tx.in(keys).put(changed)
    return changed
  })
}

function mustNotBePending(key: Key, ctx: Context): Key {
  if (key.state !== 'PendingDeletion') return key
  throw KMSInvalidStateException(`${keyArn(key.id, ctx)} is pending deletion.`)
}

function checkJson(text: string): void {
  try {
    JSON.parse(text)
  } catch {
    throw awsErrors('kms').MalformedPolicyDocumentException('The new key policy is not a JSON document.')
  }
}

function defaultPolicy(account: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Id: 'key-default-1',
    Statement: [
      {
        Sid: 'Enable IAM User Permissions',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: 'kms:*',
        Resource: '*',
      },
    ],
  })
}

function metadataOf(key: Key, ctx: Context) {
  const encrypts = key.usage === 'ENCRYPT_DECRYPT'
  return {
    AWSAccountId: ctx.account,
    KeyId: key.id,
    Arn: keyArn(key.id, ctx),
    CreationDate: new Date(key.createdAt),
    Enabled: key.state === 'Enabled',
    Description: key.description,
    KeyUsage: key.usage,
    KeyState: key.state,
    Origin: 'AWS_KMS' as const,
    KeyManager: key.manager,
    KeySpec: key.spec as 'SYMMETRIC_DEFAULT',
    CustomerMasterKeySpec: key.spec as 'SYMMETRIC_DEFAULT',
    MultiRegion: key.isMultiRegion,
    ...(encrypts && key.spec === 'SYMMETRIC_DEFAULT' && { EncryptionAlgorithms: ['SYMMETRIC_DEFAULT' as const] }),
    ...(key.deletionAt !== undefined && { DeletionDate: new Date(key.deletionAt) }),
  }
}

export function pageOf<T>(
  items: T[],
  nameOf: (item: T) => string,
  request: { Marker?: string | undefined; Limit?: number | undefined },
) {
  const rest = request.Marker === undefined ? items : items.filter((item) => nameOf(item) > (request.Marker as string))
  const page = rest.slice(0, request.Limit ?? 100)
  const last = page.at(-1)
  const isTruncated = rest.length > page.length && last !== undefined
  return { page, rest: { Truncated: isTruncated, ...(isTruncated && { NextMarker: nameOf(last) }) } }
}

export function randomKeyBytes(count: number): Buffer {
  return randomBytes(count)
}
