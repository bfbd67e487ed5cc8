/** Parameters as they are read: by path, by filter, their history; decrypted when asked. */
import type { Context } from '../../delivery/context.ts'
import { awsError, awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { normalName, type Parameter, type ParameterVersion, parameterArn, parameters } from './parameters.ts'

const { ParameterNotFound, InvalidNextToken, InvalidFilterKey } = awsErrors('ssm')

export interface Reading {
  parameter: Parameter
  version: ParameterVersion
  /** `:3`, where a version or label was asked for. */
  selector?: string
}

const pathPageMax = 10
const describePageMax = 50

export const readingOperations = operations('ssm', {
  async GetParametersByPath(input, ctx) {
    if (!input.Path.startsWith('/')) {
      throw awsError(
        'ValidationException',
        'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/".',
      )
    }
    const path = input.Path.endsWith('/') ? input.Path : `${input.Path}/`
    const matching = [...ctx.in(parameters).list({ startsWith: path })].filter(
      (parameter) =>
        (input.Recursive || !parameter.name.slice(path.length).includes('/')) &&
        (input.ParameterFilters ?? []).every((filter) => passes(parameter, filter)),
    )
    const { page, nextToken } = pageOf(matching, input.NextToken, input.MaxResults ?? pathPageMax)
    const outputs = page.map((parameter) =>
      parameterOutput(
        ctx,
        { parameter, version: parameter.versions.at(-1) as ParameterVersion },
        input.WithDecryption ?? false,
      ),
    )
    return { Parameters: await Promise.all(outputs), ...nextToken }
  },

  async DescribeParameters(input, ctx) {
    const old = (input.Filters ?? []).map(({ Key, Values }) => ({ Key, Values, Option: 'Equals' }))
    const filters: Filter[] = [...(input.ParameterFilters ?? []), ...old]
    const matching = [...ctx.in(parameters).list()].filter((parameter) =>
      filters.every((one) => passes(parameter, one)),
    )
    const { page, nextToken } = pageOf(matching, input.NextToken, input.MaxResults ?? describePageMax)
    return { Parameters: page.map((parameter) => metadataOutput(ctx, parameter)), ...nextToken }
  },

  async GetParameterHistory(input, ctx) {
    const name = normalName(input.Name)
    const parameter = ctx.in(parameters).get(name)
    if (!parameter) throw ParameterNotFound('')
    const { page, nextToken } = pageOf(
      parameter.versions.map((version) => ({ version, name: String(version.number).padStart(10, '0') })),
      input.NextToken,
      input.MaxResults ?? describePageMax,
    )
    const outputs = page.map(async ({ version }) => ({
      ...(await readValue(ctx, { parameter, version }, input.WithDecryption ?? false)),
      Name: name,
      Type: version.type,
      Version: version.number,
      Labels: version.labels,
      LastModifiedDate: new Date(version.changedAt),
      LastModifiedUser: `arn:aws:iam::${ctx.account}:root`,
      Tier: parameter.tier,
      Policies: [],
      DataType: version.dataType,
      ...(version.description !== undefined && { Description: version.description }),
      ...(version.keyId !== undefined && { KeyId: version.keyId }),
    }))
    return { Parameters: await Promise.all(outputs), ...nextToken }
  },

  async AddTagsToResource(input, ctx) {
    await changeTags(ctx, input.ResourceType, input.ResourceId, (tags) => ({
      ...tags,
      ...Object.fromEntries(input.Tags.map(({ Key = '', Value = '' }) => [Key, Value])),
    }))
    return {}
  },

  async RemoveTagsFromResource(input, ctx) {
    await changeTags(ctx, input.ResourceType, input.ResourceId, (tags) =>
      Object.fromEntries(Object.entries(tags).filter(([key]) => !input.TagKeys.includes(key))),
    )
    return {}
  },

  async ListTagsForResource(input, ctx) {
    const parameter = mustBeParameter(input.ResourceType, ctx.in(parameters).get(normalName(input.ResourceId)))
    return { TagList: Object.entries(parameter.tags).map(([Key, Value]) => ({ Key, Value })) }
  },
})

export async function parameterOutput(ctx: Context, reading: Reading, decrypts: boolean) {
  const { parameter, version } = reading
  return {
    ...(await readValue(ctx, reading, decrypts)),
    Name: parameter.name,
    Type: version.type,
    Version: version.number,
    LastModifiedDate: new Date(version.changedAt),
    ARN: parameterArn(ctx, parameter.name),
    DataType: version.dataType,
    ...(reading.selector !== undefined && { Selector: reading.selector }),
  }
}

async function readValue(ctx: Context, { parameter, version }: Reading, decrypts: boolean): Promise<{ Value: string }> {
  if (version.type !== 'SecureString' || !decrypts) return { Value: version.value }
  const answer = await ctx.call('kms').Decrypt({
    CiphertextBlob: Buffer.from(version.value, 'base64'),
    EncryptionContext: { PARAMETER_ARN: parameterArn(ctx, parameter.name) },
  })
  return { Value: Buffer.from(answer.Plaintext as Uint8Array).toString('utf8') }
}

function metadataOutput(ctx: Context, parameter: Parameter) {
  const version = parameter.versions.at(-1) as ParameterVersion
  return {
    Name: parameter.name,
    ARN: parameterArn(ctx, parameter.name),
    Type: parameter.type,
    Version: version.number,
    LastModifiedDate: new Date(version.changedAt),
    LastModifiedUser: `arn:aws:iam::${ctx.account}:root`,
    Tier: parameter.tier,
    Policies: [],
    DataType: version.dataType,
    ...(parameter.description !== undefined && { Description: parameter.description }),
    ...(parameter.allowedPattern !== undefined && { AllowedPattern: parameter.allowedPattern }),
    ...(parameter.keyId !== undefined && { KeyId: parameter.keyId }),
  }
}

interface Filter {
  Key: string | undefined
  Option?: string | undefined
  Values?: string[] | undefined
}

function passes(
  parameter: Parameter,
  { Key: key = '', Option: option = 'Equals', Values: values = [] }: Filter,
): boolean {
  if (key === 'Path') {
    return values.some((value) => {
      const path = value.endsWith('/') ? value : `${value}/`
      if (!parameter.name.startsWith(path)) return false
      return option === 'Recursive' || !parameter.name.slice(path.length).includes('/')
    })
  }
  if (key.startsWith('tag:')) {
    const tag = parameter.tags[key.slice(4)]
    return tag !== undefined && (values.length === 0 || values.includes(tag))
  }
  const actual = filterValues(parameter, key)
  const matches = (value: string, wanted: string) =>
    option === 'BeginsWith'
      ? value.startsWith(wanted)
      : option === 'Contains'
        ? value.includes(wanted)
        : value === wanted
  return actual.some((value) => values.some((wanted) => matches(value, wanted)))
}

function filterValues(parameter: Parameter, key: string): string[] {
  if (key === 'Name') return [parameter.name]
  if (key === 'Type') return [parameter.type]
  if (key === 'KeyId') return parameter.keyId === undefined ? [] : [parameter.keyId]
  if (key === 'Tier') return [parameter.tier]
  if (key === 'DataType') return [parameter.versions.at(-1)?.dataType ?? '']
  if (key === 'Label') return parameter.versions.at(-1)?.labels ?? []
  throw InvalidFilterKey(`The following filter key is not valid: ${key}.`)
}

function pageOf<T extends { name: string }>(items: T[], token: string | undefined, sizeMax: number) {
  const after = token === undefined ? '' : Buffer.from(token, 'base64url').toString()
  if (token !== undefined && after === '') throw InvalidNextToken('The specified token is not valid.')
  const rest = items.filter((item) => item.name > after)
  const page = rest.slice(0, sizeMax)
  const last = page.at(-1)
  const hasMore = rest.length > page.length && last !== undefined
  return { page, nextToken: hasMore ? { NextToken: Buffer.from(last.name).toString('base64url') } : {} }
}

function mustBeParameter(resourceType: string, parameter: Parameter | undefined): Parameter {
  if (resourceType !== 'Parameter') {
    throw awsErrors('ssm').InvalidResourceType(`Igarapé keeps tags of parameters, not of ${resourceType}.`)
  }
  if (parameter) return parameter
  throw awsErrors('ssm').InvalidResourceId('')
}

async function changeTags(
  ctx: Context,
  resourceType: string,
  resourceId: string,
  change: (tags: Record<string, string>) => Record<string, string>,
): Promise<void> {
  await ctx.commit((tx) => {
    const parameter = mustBeParameter(resourceType, tx.in(parameters).get(normalName(resourceId)))
    tx.in(parameters).put({ ...parameter, tags: change(parameter.tags) })
  })
}
