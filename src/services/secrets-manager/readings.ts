/** Secrets as they are read, described and listed, and random passwords. */
import type { Context } from '../../delivery/context.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { randomPassword } from './passwords.ts'
import { mustFind, type Secret, type SecretVersion, secretArn, secrets, versionNotFound } from './secrets.ts'

const { InvalidRequestException, ResourceNotFoundException } = awsErrors('secrets-manager')

const pageSize = 100

export const readingOperations = operations('secrets-manager', {
  async GetSecretValue(input, ctx) {
    return await secretValue(ctx, mustFind(ctx, input.SecretId), input)
  },

  async BatchGetSecretValue(input, ctx) {
    const names =
      input.SecretIdList ??
      [...ctx.in(secrets).list()].filter((one) => passes(one, input.Filters)).map((one) => one.name)
    const values = []
    const errors = []
    for (const name of names) {
      try {
        values.push(await secretValue(ctx, mustFind(ctx, name), {}))
      } catch (error) {
        const { code, message } = error as { code?: string; message: string }
        errors.push({ SecretId: name, ErrorCode: code ?? 'InternalServiceError', Message: message })
      }
    }
    return { SecretValues: values, Errors: errors }
  },

  async DescribeSecret(input, ctx) {
    const secret = mustFind(ctx, input.SecretId, true)
    return { ...described(secret, ctx), VersionIdsToStages: stagesOf(secret) }
  },

  async ListSecrets(input, ctx) {
    const after = input.NextToken === undefined ? {} : { after: [input.NextToken] }
    const wanted = [...ctx.in(secrets).list(after)].filter(
      (secret) => (input.IncludePlannedDeletion || secret.deletedAt === undefined) && passes(secret, input.Filters),
    )
    const page = wanted.slice(0, input.MaxResults ?? pageSize)
    const last = page.at(-1)
    return {
      SecretList: page.map((secret) => ({ ...described(secret, ctx), SecretVersionsToStages: stagesOf(secret) })),
      ...(last && wanted.length > page.length && { NextToken: last.name }),
    }
  },

  async ListSecretVersionIds(input, ctx) {
    const secret = mustFind(ctx, input.SecretId, true)
    const shown = secret.versions.filter((version) => input.IncludeDeprecated || version.stages.length > 0)
    return {
      ARN: secretArn(secret, ctx),
      Name: secret.name,
      Versions: shown.map((version) => ({
        VersionId: version.id,
        VersionStages: version.stages,
        CreatedDate: new Date(version.createdAt),
      })),
    }
  },

  async GetResourcePolicy(input, ctx) {
    const secret = mustFind(ctx, input.SecretId)
    return {
      ARN: secretArn(secret, ctx),
      Name: secret.name,
      ...(secret.policy !== undefined && { ResourcePolicy: secret.policy }),
    }
  },

  async GetRandomPassword(input) {
    return { RandomPassword: randomPassword(input) }
  },
})

async function secretValue(
  ctx: Context,
  secret: Secret,
  { VersionId: id, VersionStage: stage }: { VersionId?: string | undefined; VersionStage?: string | undefined },
) {
  const version = versionOf(secret, id, stage)
  const answer = await ctx.call('kms').Decrypt({ CiphertextBlob: Buffer.from(version.ciphertext, 'base64') })
  const bytes = answer.Plaintext as Uint8Array
  return {
    ARN: secretArn(secret, ctx),
    Name: secret.name,
    VersionId: version.id,
    VersionStages: version.stages,
    CreatedDate: new Date(version.createdAt),
    ...(version.kind === 'SecretBinary'
      ? { SecretBinary: bytes }
      : { SecretString: Buffer.from(bytes).toString('utf8') }),
  }
}

function versionOf(secret: Secret, id: string | undefined, stage: string | undefined): SecretVersion {
  const wantedStage = stage ?? 'AWSCURRENT'
  const version = secret.versions.find((one) => (id === undefined ? one.stages.includes(wantedStage) : one.id === id))
  if (id !== undefined && stage !== undefined && version && !version.stages.includes(stage)) {
    throw InvalidRequestException('You provided a VersionStage that is not associated to the provided VersionId.')
  }
  if (version) return version
  if (id !== undefined) throw versionNotFound(id)
  throw ResourceNotFoundException(
    `Secrets Manager can't find the specified secret value for staging label: ${wantedStage}`,
  )
}

function stagesOf(secret: Secret): Record<string, string[]> {
  const staged = secret.versions.filter((version) => version.stages.length > 0)
  return Object.fromEntries(staged.map((version) => [version.id, version.stages]))
}

function described(secret: Secret, ctx: Context) {
  // A secret that a service keeps for its owner bears the service's name: `events!connection/…`.
  const owner = /^([a-z-]+)!/.exec(secret.name)?.[1]
  return {
    ARN: secretArn(secret, ctx),
    Name: secret.name,
    CreatedDate: new Date(secret.createdAt),
    LastChangedDate: new Date(secret.changedAt),
    Tags: Object.entries(secret.tags).map(([Key, Value]) => ({ Key, Value })),
    ...(secret.description !== undefined && { Description: secret.description }),
    ...(secret.kmsKeyId !== undefined && { KmsKeyId: secret.kmsKeyId }),
    ...(secret.deletedAt !== undefined && { DeletedDate: new Date(secret.deletedAt) }),
    ...(owner !== undefined && { OwningService: owner }),
  }
}

interface Filter {
  Key?: string | undefined
  Values?: string[] | undefined
}

/** A value matches at the beginning; `!` before it turns it round. */
function passes(secret: Secret, filters: Filter[] | undefined): boolean {
  return (filters ?? []).every(({ Key: key = 'all', Values: values = [] }) => {
    const texts = filterTexts(secret, key)
    return values.some((value) => {
      const isNegated = value.startsWith('!')
      const wanted = isNegated ? value.slice(1) : value
      const found = texts.some((text) =>
        key === 'description' || key === 'all'
          ? text.toLowerCase().includes(wanted.toLowerCase())
          : text.startsWith(wanted),
      )
      return found !== isNegated
    })
  })
}

function filterTexts(secret: Secret, key: string): string[] {
  const tags = Object.entries(secret.tags)
  if (key === 'name') return [secret.name]
  if (key === 'description') return [secret.description ?? '']
  if (key === 'tag-key') return tags.map(([name]) => name)
  if (key === 'tag-value') return tags.map(([, value]) => value)
  if (key === 'all') return [secret.name, secret.description ?? '', ...tags.flat()]
  return []
}
