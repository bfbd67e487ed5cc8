/**
 * Secrets and their versions. A stage is on one version at most; AWSCURRENT moves when a new value is put, and
 * AWSPREVIOUS follows it. Values are kept encrypted by KMS, as on AWS.
 */
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { type Due, dueQueue, worker } from '../../delivery/due.ts'
import { collection, type Records } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'

const {
  InvalidParameterException,
  InvalidRequestException,
  LimitExceededException,
  ResourceExistsException,
  ResourceNotFoundException,
} = awsErrors('secrets-manager')

export interface Secret {
  name: string
  /** Six letters by chance at the end of the ARN. */
  suffix: string
  createdAt: Millis
  changedAt: Millis
  deletedAt?: Millis
  description?: string
  kmsKeyId?: string
  tags: Record<string, string>
  policy?: string
  versions: SecretVersion[]
}

export interface SecretVersion {
  id: string
  stages: string[]
  createdAt: Millis
  kind: 'SecretString' | 'SecretBinary'
  /** KMS's ciphertext, in base 64. */
  ciphertext: string
}

export const secrets = collection<Secret>('secrets-manager/secrets', {
  version: 1,
  key: (secret) => [secret.name],
})

const deletions = dueQueue<Due>('secrets-manager/deletions')
const dayMillis = 86_400_000
const valueBytesMax = 65_536
const versionsMax = 100
const usualKey = 'alias/aws/secretsmanager'

export const deletionWorker = worker('secrets-manager/deletions', {
  queue: deletions,
  async run(item, ctx) {
    await ctx.commit((tx) => {
      tx.due(deletions).delete(item.id)
      if (tx.in(secrets).get(item.id)?.deletedAt !== undefined) tx.in(secrets).delete(item.id)
    })
  },
})

export const secretOperations = operations('secrets-manager', {
  async CreateSecret(input, ctx) {
    const { Name: name } = input
    checkName(name)
    const hasValue = input.SecretString !== undefined || input.SecretBinary !== undefined
    const version = hasValue ? await newVersion(ctx, input, input.KmsKeyId) : undefined
    const now = ctx.clock.now()
    const secret: Secret = {
      name,
      suffix: ctx.random.text(6),
      createdAt: now,
      changedAt: now,
      tags: tagRecord(input.Tags ?? []),
      versions: version ? [{ ...version, stages: ['AWSCURRENT'] }] : [],
      ...(input.Description !== undefined && { description: input.Description }),
      ...(input.KmsKeyId !== undefined && { kmsKeyId: input.KmsKeyId }),
    }
    const made = await ctx.commit((tx) => {
      const present = tx.in(secrets).get(name)
      if (!present) tx.in(secrets).put(secret)
      else if (present.deletedAt !== undefined) {
        throw InvalidRequestException(
          `You can't create this secret because a secret with this name is already scheduled for deletion.`,
        )
      } else if (!version || !present.versions.some((one) => one.id === version.id)) {
        throw ResourceExistsException(`The operation failed because the secret ${name} already exists.`)
      }
      return present ?? secret
    })
    return { ARN: secretArn(made, ctx), Name: name, ...(version && { VersionId: version.id }) }
  },

  async PutSecretValue(input, ctx) {
    const present = mustFind(ctx, input.SecretId)
    const version = await newVersion(ctx, input, present.kmsKeyId)
    const stages = input.VersionStages ?? ['AWSCURRENT']
    const secret = await change(ctx, present.name, (before) => {
      const same = before.versions.find((one) => one.id === version.id)
      if (same) return before
      return withVersion(before, { ...version, stages }, ctx.clock.now())
    })
    return { ARN: secretArn(secret, ctx), Name: secret.name, VersionId: version.id, VersionStages: stages }
  },

  async UpdateSecret(input, ctx) {
    const present = mustFind(ctx, input.SecretId)
    const hasValue = input.SecretString !== undefined || input.SecretBinary !== undefined
    const version = hasValue ? await newVersion(ctx, input, input.KmsKeyId ?? present.kmsKeyId) : undefined
    const secret = await change(ctx, present.name, (before) => {
      const changed: Secret = { ...before, changedAt: ctx.clock.now() }
      if (input.Description !== undefined) changed.description = input.Description
      if (input.KmsKeyId !== undefined) changed.kmsKeyId = input.KmsKeyId
      return version ? withVersion(changed, { ...version, stages: ['AWSCURRENT'] }, changed.changedAt) : changed
    })
    return { ARN: secretArn(secret, ctx), Name: secret.name, ...(version && { VersionId: version.id }) }
  },

  async DeleteSecret(input, ctx) {
    const { SecretId: id, ForceDeleteWithoutRecovery: isForced, RecoveryWindowInDays: days } = input
    if (isForced && days !== undefined) {
      throw InvalidParameterException(
        "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
      )
    }
    if (days !== undefined && (days < 7 || days > 30)) {
      throw InvalidParameterException('The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).')
    }
    const found = find(ctx.in(secrets), id)
    if (!found && isForced) return { Name: id, DeletionDate: new Date(ctx.clock.now()) }
    if (!found) throw notFound()
    const at = ctx.clock.now() + (isForced ? 0 : (days ?? 30) * dayMillis)
    await ctx.commit((tx) => {
      if (isForced) {
        tx.in(secrets).delete(found.name)
        tx.due(deletions).delete(found.name)
        return
      }
      if (found.deletedAt !== undefined) throw markedForDeletion()
      tx.in(secrets).put({ ...found, deletedAt: tx.now })
      tx.due(deletions).put({ id: found.name, dueAt: at })
    })
    return { ARN: secretArn(found, ctx), Name: found.name, DeletionDate: new Date(at) }
  },

  async RestoreSecret(input, ctx) {
    const secret = await ctx.commit((tx) => {
      const present = find(tx.in(secrets), input.SecretId)
      if (!present) throw notFound()
      const { deletedAt: _, ...restored } = present
      tx.due(deletions).delete(present.name)
      tx.in(secrets).put(restored)
      return restored
    })
    return { ARN: secretArn(secret, ctx), Name: secret.name }
  },

  async UpdateSecretVersionStage(input, ctx) {
    const { VersionStage: stage, MoveToVersionId: to, RemoveFromVersionId: from } = input
    const secret = await change(ctx, input.SecretId, (before) => {
      const holder = before.versions.find((version) => version.stages.includes(stage))
      if (to !== undefined && holder && holder.id !== to && holder.id !== from) {
        throw InvalidParameterException(
          `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${holder.id}, so you must explicitly reference that version in RemoveFromVersionId.`,
        )
      }
      for (const id of [to, from]) {
        if (id !== undefined && !before.versions.some((version) => version.id === id)) throw versionNotFound(id)
      }
      return moveStage(before, stage, to, holder)
    })
    return { ARN: secretArn(secret, ctx), Name: secret.name }
  },

  async TagResource(input, ctx) {
    await change(ctx, input.SecretId, (one) => ({ ...one, tags: { ...one.tags, ...tagRecord(input.Tags) } }))
    return {}
  },

  async UntagResource(input, ctx) {
    await change(ctx, input.SecretId, (one) => ({
      ...one,
      tags: Object.fromEntries(Object.entries(one.tags).filter(([key]) => !input.TagKeys.includes(key))),
    }))
    return {}
  },

  async PutResourcePolicy(input, ctx) {
    try {
      JSON.parse(input.ResourcePolicy)
    } catch {
      throw awsErrors('secrets-manager').MalformedPolicyDocumentException('This resource policy contains invalid Json.')
    }
    const secret = await change(ctx, input.SecretId, (one) => ({ ...one, policy: input.ResourcePolicy }))
    return { ARN: secretArn(secret, ctx), Name: secret.name }
  },

  async DeleteResourcePolicy(input, ctx) {
    const secret = await change(ctx, input.SecretId, ({ policy: _, ...one }) => one)
    return { ARN: secretArn(secret, ctx), Name: secret.name }
  },
})

export function secretArn(secret: Pick<Secret, 'name' | 'suffix'>, place: { account: string; region: string }): string {
  return `arn:aws:secretsmanager:${place.region}:${place.account}:secret:${secret.name}-${secret.suffix}`
}

/** By name, ARN, or ARN without its last six letters. */
function find(records: Records<Secret>, id: string): Secret | undefined {
  const local = /^arn:[^:]+:secretsmanager:[^:]*:\d*:secret:(.+)$/.exec(id)?.[1]
  if (local === undefined) return records.get(id)
  const whole = records.get(local.slice(0, -7))
  return whole && local === `${whole.name}-${whole.suffix}` ? whole : records.get(local)
}

export function mustFind(ctx: Pick<Context | Tx, 'in'>, id: string, allowsDeleted = false): Secret {
  const secret = find(ctx.in(secrets) as Records<Secret>, id)
  if (!secret) throw notFound()
  if (secret.deletedAt !== undefined && !allowsDeleted) throw markedForDeletion()
  return secret
}

function notFound(): Error {
  return ResourceNotFoundException("Secrets Manager can't find the specified secret.")
}

function markedForDeletion(): Error {
  return InvalidRequestException("You can't perform this operation on the secret because it was marked for deletion.")
}

export function versionNotFound(id: string): Error {
  return ResourceNotFoundException(`Secrets Manager can't find the specified secret value for VersionId: ${id}`)
}

export async function change(ctx: Context, id: string, update: (secret: Secret) => Secret): Promise<Secret> {
  return await ctx.commit((tx) => {
    const changed = update(mustFind(tx, id))
    tx.in(secrets).put(changed)
    return changed
  })
}

function checkName(name: string): void {
  if (/^[\w/+=.@!-]{1,512}$/.test(name)) return
  throw InvalidParameterException(
    'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
  )
}

function tagRecord(tags: { Key?: string | undefined; Value?: string | undefined }[]): Record<string, string> {
  return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]))
}

interface GivenValue {
  SecretString?: string | undefined
  SecretBinary?: Uint8Array | undefined
  ClientRequestToken?: string | undefined
}

async function newVersion(
  ctx: Context,
  given: GivenValue,
  kmsKeyId: string | undefined,
): Promise<Omit<SecretVersion, 'stages'>> {
  const { SecretString: text, SecretBinary: binary } = given
  if (text !== undefined && binary !== undefined) {
    throw InvalidParameterException(
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    )
  }
  const bytes = binary ?? (text === undefined ? undefined : new TextEncoder().encode(text))
  if (!bytes) throw InvalidRequestException('You must provide either SecretString or SecretBinary.')
  if (bytes.byteLength > valueBytesMax) {
    throw LimitExceededException(`The secret value is longer than ${valueBytesMax} bytes.`)
  }
  const answer = await ctx.call('kms').Encrypt({ KeyId: kmsKeyId ?? usualKey, Plaintext: bytes })
  return {
    id: given.ClientRequestToken ?? ctx.random.uuid(),
    createdAt: ctx.clock.now(),
    kind: binary ? 'SecretBinary' : 'SecretString',
    ciphertext: Buffer.from(answer.CiphertextBlob as Uint8Array).toString('base64'),
  }
}

/** Puts a version with its stages; what loses its last stage goes when there are too many. */
function withVersion(secret: Secret, version: SecretVersion, now: Millis): Secret {
  const others = secret.versions.filter((one) => one.id !== version.id)
  let changed: Secret = { ...secret, changedAt: now, versions: [...others, { ...version, stages: [] }] }
  for (const stage of version.stages) {
    const holder = changed.versions.find((one) => one.stages.includes(stage))
    changed = moveStage(changed, stage, version.id, holder)
  }
  const surplus = Math.max(0, changed.versions.length - versionsMax)
  const dropped = new Set(changed.versions.filter((one) => one.stages.length === 0).slice(0, surplus))
  return { ...changed, versions: changed.versions.filter((one) => !dropped.has(one)) }
}

function moveStage(secret: Secret, stage: string, to: string | undefined, holder: SecretVersion | undefined): Secret {
  const movesCurrent = stage === 'AWSCURRENT' && to !== undefined && holder !== undefined && holder.id !== to
  const versions = secret.versions.map((version) => {
    let stages = version.stages.filter((other) => other !== stage && !(movesCurrent && other === 'AWSPREVIOUS'))
    if (version.id === to) stages = [...stages, stage]
    if (movesCurrent && version.id === holder.id) stages = [...stages, 'AWSPREVIOUS']
    return { ...version, stages }
  })
  return { ...secret, versions }
}
