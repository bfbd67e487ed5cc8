/**
 * Parameter Store: parameters with their versions. SecureString values are encrypted by KMS, whose ciphertext is what
 * is kept; reading them without decryption gives that ciphertext, as on AWS.
 */
import type { Millis } from '../../clock.ts'
import type { Context } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { awsError, awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { checkName, checkValue } from './parameterRules.ts'
import { parameterOutput, type Reading } from './readings.ts'

const { ParameterAlreadyExists, ParameterNotFound, ParameterMaxVersionLimitExceeded } = awsErrors('ssm')

export type ParameterType = 'String' | 'StringList' | 'SecureString'

export interface Parameter {
  name: string
  type: ParameterType
  tier: 'Standard' | 'Advanced'
  versions: ParameterVersion[]
  tags: Record<string, string>
  description?: string
  allowedPattern?: string
  keyId?: string
}

export interface ParameterVersion {
  number: number
  /** The ciphertext for a SecureString. */
  value: string
  type: ParameterType
  dataType: string
  labels: string[]
  changedAt: Millis
  description?: string
  keyId?: string
}

export const parameters = collection<Parameter>('ssm/parameters', {
  version: 1,
  key: (parameter) => [parameter.name],
})

const versionsMax = 100
const defaultKey = 'alias/aws/ssm'

export const parameterOperations = operations('ssm', {
  async PutParameter(input, ctx) {
    const name = normalName(input.Name)
    checkName(name, ctx.account)
    const present = ctx.in(parameters).get(name)
    const type = (input.Type as ParameterType | undefined) ?? present?.type
    if (!type) {
      throw awsError('ValidationException', 'A parameter type is required when you create a parameter.')
    }
    const tier: Parameter['tier'] = input.Tier === 'Advanced' || present?.tier === 'Advanced' ? 'Advanced' : 'Standard'
    checkValue(input.Value, type, tier, input.AllowedPattern ?? present?.allowedPattern)
    const keyId = type === 'SecureString' ? (input.KeyId ?? present?.keyId ?? defaultKey) : undefined
    const value = keyId === undefined ? input.Value : await encrypt(ctx, keyId, name, input.Value)
    const version = { value, type, dataType: input.DataType ?? 'text', labels: [], changedAt: ctx.clock.now() }
    const number = await ctx.commit((tx) => {
      const before = tx.in(parameters).get(name)
      if (before && !input.Overwrite) {
        throw ParameterAlreadyExists(
          'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
        )
      }
      if (before && input.Tags?.length) {
        throw awsError(
          'ValidationException',
          "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
        )
      }
      const after = withVersion(before, { name, type, tier, input, keyId, version })
      tx.in(parameters).put(after)
      const made = after.versions.at(-1) as ParameterVersion
      tx.emit({
        source: 'aws.ssm',
        'detail-type': 'Parameter Store Change',
        resources: [parameterArn(ctx, name)],
        detail: {
          operation: before ? 'Update' : 'Create',
          name,
          type,
          ...(input.Description !== undefined && { description: input.Description }),
        },
      })
      return made.number
    })
    return { Version: number, Tier: tier }
  },

  async GetParameter(input, ctx) {
    const reading = mustRead(ctx, input.Name)
    return { Parameter: await parameterOutput(ctx, reading, input.WithDecryption ?? false) }
  },

  async GetParameters(input, ctx) {
    const found: Reading[] = []
    const invalid: string[] = []
    for (const name of input.Names) {
      const reading = read(ctx, name)
      if (reading) found.push(reading)
      else invalid.push(name)
    }
    const outputs = found.map((reading) => parameterOutput(ctx, reading, input.WithDecryption ?? false))
    return { Parameters: await Promise.all(outputs), InvalidParameters: invalid }
  },

  async DeleteParameter(input, ctx) {
    const name = normalName(input.Name)
    const isDeleted = await remove(ctx, [name])
    if (isDeleted.length === 0) throw ParameterNotFound('')
    return {}
  },

  async DeleteParameters(input, ctx) {
    const names = input.Names.map(normalName)
    const deleted = await remove(ctx, names)
    return { DeletedParameters: deleted, InvalidParameters: names.filter((name) => !deleted.includes(name)) }
  },

  async LabelParameterVersion(input, ctx) {
    const name = normalName(input.Name)
    const isValid = (label: string) => /^(?!aws|ssm|\d)[\w.-]{1,100}$/i.test(label)
    const version = await ctx.commit((tx) => {
      const parameter = tx.in(parameters).get(name)
      const number = input.ParameterVersion ?? parameter?.versions.at(-1)?.number
      if (!parameter?.versions.some((one) => one.number === number)) throw ParameterNotFound('')
      const wanted = input.Labels.filter(isValid)
      const versions = parameter.versions.map((one) => {
        const others = one.labels.filter((label) => !wanted.includes(label))
        return { ...one, labels: one.number === number ? [...others, ...wanted] : others }
      })
      tx.in(parameters).put({ ...parameter, versions })
      return number as number
    })
    return { InvalidLabels: input.Labels.filter((label) => !isValid(label)), ParameterVersion: version }
  },

  async UnlabelParameterVersion(input, ctx) {
    const name = normalName(input.Name)
    const removed = await ctx.commit((tx) => {
      const parameter = tx.in(parameters).get(name)
      const version = parameter?.versions.find((one) => one.number === input.ParameterVersion)
      if (!parameter || !version) throw ParameterNotFound('')
      const gone = version.labels.filter((label) => input.Labels.includes(label))
      const labels = version.labels.filter((label) => !gone.includes(label))
      const versions = parameter.versions.map((one) => (one === version ? { ...one, labels } : one))
      tx.in(parameters).put({ ...parameter, versions })
      return gone
    })
    return { RemovedLabels: removed, InvalidLabels: input.Labels.filter((label) => !removed.includes(label)) }
  },
})

/** An ARN names the parameter too. */
export function normalName(name: string): string {
  const fromArn = /^arn:[^:]+:ssm:[^:]*:\d*:parameter(\/.+)$/.exec(name)?.[1]
  if (fromArn === undefined) return name
  return fromArn.indexOf('/', 1) < 0 ? fromArn.slice(1) : fromArn
}

export function parameterArn(ctx: { account: string; region: string }, name: string): string {
  return `arn:aws:ssm:${ctx.region}:${ctx.account}:parameter${name.startsWith('/') ? '' : '/'}${name}`
}

/** `name`, `name:3` or `name:label`. */
function read(ctx: Context, selector: string): Reading | undefined {
  const whole = normalName(selector)
  const [, name = whole, wanted] = /^([^:]+)(?::([\w.-]+))?$/.exec(whole) ?? []
  const parameter = ctx.in(parameters).get(name)
  const version =
    wanted === undefined
      ? parameter?.versions.at(-1)
      : parameter?.versions.find((one) => String(one.number) === wanted || one.labels.includes(wanted))
  return parameter && version && { parameter, version, ...(wanted !== undefined && { selector: `:${wanted}` }) }
}

function mustRead(ctx: Context, selector: string): Reading {
  const reading = read(ctx, selector)
  if (reading) return reading
  const [name = '', wanted] = normalName(selector).split(':')
  if (wanted !== undefined && ctx.in(parameters).has(name)) {
    throw awsErrors('ssm').ParameterVersionNotFound(
      `Systems Manager could not find version ${wanted} of ${name}. Verify the version and try again.`,
    )
  }
  throw ParameterNotFound('')
}

async function encrypt(ctx: Context, keyId: string, name: string, value: string): Promise<string> {
  const answer = await ctx.call('kms').Encrypt({
    KeyId: keyId,
    Plaintext: Buffer.from(value),
    EncryptionContext: { PARAMETER_ARN: parameterArn(ctx, name) },
  })
  return Buffer.from(answer.CiphertextBlob as Uint8Array).toString('base64')
}

interface Change {
  name: string
  type: ParameterType
  tier: Parameter['tier']
  keyId: string | undefined
  version: Omit<ParameterVersion, 'number'>
  input: {
    Description?: string | undefined
    AllowedPattern?: string | undefined
    Tags?: { Key?: string | undefined; Value?: string | undefined }[] | undefined
  }
}

function withVersion(before: Parameter | undefined, change: Change): Parameter {
  const { name, type, tier, input, keyId } = change
  const description = input.Description ?? before?.description
  const allowedPattern = input.AllowedPattern ?? before?.allowedPattern
  const version: ParameterVersion = {
    ...change.version,
    number: (before?.versions.at(-1)?.number ?? 0) + 1,
    ...(description !== undefined && { description }),
    ...(keyId !== undefined && { keyId }),
  }
  const versions = [...(before?.versions ?? []), version]
  if (versions.length > versionsMax && versions[0]?.labels.length) {
    throw ParameterMaxVersionLimitExceeded(
      `You attempted to create a new version of ${name} by calling the PutParameter API with the overwrite flag. Version ${versions[0].number}, the oldest version, can't be deleted because it has a label associated with it. Move the label to another version of the parameter, and try again.`,
    )
  }
  return {
    name,
    type,
    tier,
    versions: versions.slice(-versionsMax),
    tags: before?.tags ?? Object.fromEntries((input.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
    ...(description !== undefined && { description }),
    ...(allowedPattern !== undefined && { allowedPattern }),
    ...(keyId !== undefined && { keyId }),
  }
}

async function remove(ctx: Context, names: string[]): Promise<string[]> {
  return await ctx.commit((tx) => {
    const present = names.filter((name) => tx.in(parameters).has(name))
    for (const name of present) {
      const type = tx.in(parameters).get(name)?.type
      tx.in(parameters).delete(name)
      tx.emit({
        source: 'aws.ssm',
        'detail-type': 'Parameter Store Change',
        resources: [parameterArn(ctx, name)],
        detail: { operation: 'Delete', name, type },
      })
    }
    return present
  })
}
