/**
 * What CreateStack, UpdateStack and CreateChangeSet are asked: the template fetched and checked, the parameters chosen
 * and looked up, the capabilities given. All refusals come from here, before anything is changed.
 */
import type { Context } from '../../delivery/context.ts'
import { awsErrors } from '../../wire/errors.ts'
import { importedValue, stackExports } from './exports.ts'
import { type Scope, unknownUntilApplied } from './intrinsics.ts'
import { chooseValues, type GivenParameter, type ParameterValues, storeNames } from './parameters.ts'
import { checkReferences } from './references.ts'
import { findType, isCustom } from './resourceContexts.ts'
import { checkRules, liveResources, scopeOf } from './scope.ts'
import { parsedTemplates } from './stackScopes.ts'
import { definitions, type Stack, validationError } from './stacks.ts'
import { type Template, TemplateError, templateLimits } from './templates.ts'

const { InsufficientCapabilitiesException } = awsErrors('cloudformation')

export interface StackRequest {
  TemplateBody?: string | undefined
  TemplateURL?: string | undefined
  UsePreviousTemplate?: boolean | undefined
  Parameters?: GivenParameter[] | undefined
  Capabilities?: string[] | undefined
  Tags?: { Key?: string | undefined; Value?: string | undefined }[] | undefined
  NotificationARNs?: string[] | undefined
  RoleARN?: string | undefined
}

/** A request that may be carried out. */
export interface Wanted {
  templateText: string
  template: Template
  parameters: ParameterValues
  tags: Record<string, string>
  capabilities: string[]
}

const knownTypes = new Set(['AWS::CloudFormation::Stack', 'AWS::CloudFormation::WaitCondition'])
const namedTypes: Record<string, string> = {
  'AWS::IAM::Role': 'RoleName',
  'AWS::IAM::User': 'UserName',
  'AWS::IAM::Group': 'GroupName',
  'AWS::IAM::ManagedPolicy': 'ManagedPolicyName',
  'AWS::IAM::InstanceProfile': 'InstanceProfileName',
}
const capabilityTypes = new Set([
  ...Object.keys(namedTypes),
  'AWS::IAM::AccessKey',
  'AWS::IAM::Policy',
  'AWS::IAM::UserToGroupAddition',
])

/** Reads and checks a request for `stack`, which for a creation is only an idea yet. Throws ValidationError. */
export async function readRequest(ctx: Context, stack: Stack, request: StackRequest): Promise<Wanted> {
  try {
    const templateText = await templateTextOf(ctx, request, stack)
    const template = readTemplate(ctx, templateText)
    const chosen = chooseValues(template.parameters, request.Parameters ?? [], stack.parameters)
    const parameters = await lookUpStored(ctx, template, chosen)
    const scope = planningScope(ctx, stack, template, parameters)
    checkRules(template, scope)
    const live = liveResources(template, scope)
    checkTypes(ctx, live)
    checkCapabilities(live, request.Capabilities ?? [])
    const tags = request.Tags ? tagRecord(request.Tags) : stack.tags
    return { templateText, template, parameters, tags, capabilities: request.Capabilities ?? [] }
  } catch (error) {
    if (error instanceof TemplateError) throw validationError(error.message)
    throw error
  }
}

/** A template's text, read and checked in all that needs no parameters. */
export function readTemplate(ctx: Pick<Context, 'use'>, text: string): Template {
  const { template } = ctx.use(parsedTemplates).read(text)
  const [transform] = template.transforms
  if (transform !== undefined) {
    throw new TemplateError(
      `The transform ${transform} is not implemented. Deploy the template that it expands to (for AWS SAM: the output of \`sam build\` and a CDK or plain CloudFormation template).`,
    )
  }
  checkReferences(template)
  return template
}

export async function templateTextOf(ctx: Context, request: StackRequest, stack?: Stack): Promise<string> {
  if (request.TemplateBody !== undefined && request.TemplateURL !== undefined) {
    throw validationError('You cannot specify both Template Body and Template URL.')
  }
  if (request.TemplateBody !== undefined) {
    const bytes = Buffer.byteLength(request.TemplateBody)
    if (bytes <= templateLimits.bodyBytesMax) return request.TemplateBody
    throw validationError(
      `1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to ${templateLimits.bodyBytesMax}`,
    )
  }
  if (request.TemplateURL !== undefined) return await fetchTemplate(ctx, request.TemplateURL)
  const previous = request.UsePreviousTemplate && stack ? ctx.in(definitions).get(stack.uuid, 'current') : undefined
  if (previous) return previous.templateText
  throw validationError('Either Template URL or Template Body must be specified.')
}

/** Templates lie in S3: by virtual host or path, at AWS's addresses or this server's own. */
async function fetchTemplate(ctx: Context, url: string): Promise<string> {
  const place = bucketAndKey(url)
  if (!place) throw validationError('TemplateURL must be a supported URL.')
  try {
    const { Body: body } = await ctx.call('s3').GetObject({ Bucket: place.bucket, Key: place.key })
    const chunks: Uint8Array[] = []
    let bytes = 0
    // A small body comes whole, a large one as a stream.
    for await (const chunk of (body instanceof Uint8Array ? [body] : body) as AsyncIterable<Uint8Array>) {
      bytes += chunk.byteLength
      if (bytes > templateLimits.storedBytesMax) {
        throw validationError(`Template may not exceed ${templateLimits.storedBytesMax} bytes in size.`)
      }
      chunks.push(chunk)
    }
    return Buffer.concat(chunks).toString('utf8')
  } catch (error) {
    const { code } = error as { code?: string }
    if (code === 'NoSuchKey' || code === 'NoSuchBucket') {
      throw validationError(
        `S3 error: ${(error as Error).message}\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html`,
      )
    }
    throw error
  }
}

export function bucketAndKey(url: string): { bucket: string; key: string } | undefined {
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch {
    return undefined
  }
  const path = decodeURIComponent(parsed.pathname.slice(1))
  if (parsed.protocol === 's3:') return { bucket: parsed.hostname, key: path }
  const virtualHost = /^(.+)\.s3[.-].*$/.exec(parsed.hostname)?.[1]
  if (virtualHost !== undefined) return { bucket: virtualHost, key: path }
  const slash = path.indexOf('/')
  return slash < 1 ? undefined : { bucket: path.slice(0, slash), key: path.slice(slash + 1) }
}

/** The values of Parameter Store parameters, as they are now. */
async function lookUpStored(ctx: Context, template: Template, values: ParameterValues): Promise<ParameterValues> {
  const result = { ...values }
  const missing: string[] = []
  for (const [parameter, name] of storeNames(template.parameters, values)) {
    try {
      const answer = await ctx.call('ssm').GetParameter({ Name: name })
      result[parameter] = { value: name, resolved: answer.Parameter?.Value ?? '' }
    } catch (error) {
      if ((error as { code?: string }).code !== 'ParameterNotFound') throw error
      missing.push(name)
    }
  }
  if (missing.length === 0) return result
  throw validationError(`Unable to fetch parameters [${missing.join(',')}] from parameter store for this account.`)
}

/** The scope before anything is made: every id and attribute is known only after the deployment. */
export function planningScope(ctx: Context, stack: Stack, template: Template, parameters: ParameterValues): Scope {
  return scopeOf({
    template,
    parameters,
    account: ctx.account,
    region: ctx.region,
    stackId: stack.arn,
    stackName: stack.name,
    notificationArns: stack.notificationArns,
    idOf: () => unknownUntilApplied,
    attributeOf: () => unknownUntilApplied,
    importValue: (name) => importedValue(ctx.in(stackExports), name),
  })
}

function checkTypes(ctx: Context, live: Template['resources']): void {
  const types = new Set(Object.values(live).map((resource) => resource.type))
  const unknown = [...types].filter((type) => !isCustom(type) && !knownTypes.has(type) && !findType(ctx, type))
  if (unknown.length === 0) return
  throw new TemplateError(`Template format error: Unrecognized resource types: [${unknown.join(', ')}]`)
}

function checkCapabilities(live: Template['resources'], given: string[]): void {
  const needed = requiredCapabilities(live)
  const isMet = needed.every(
    (capability) =>
      given.includes(capability) || (capability === 'CAPABILITY_IAM' && given.includes('CAPABILITY_NAMED_IAM')),
  )
  if (!isMet) throw InsufficientCapabilitiesException(`Requires capabilities : [${needed.join(', ')}]`)
}

export function requiredCapabilities(resources: Template['resources']): string[] {
  const kinds = Object.values(resources).filter((resource) => capabilityTypes.has(resource.type))
  if (kinds.length === 0) return []
  const isNamed = kinds.some((resource) => {
    const property = namedTypes[resource.type]
    return property !== undefined && resource.properties[property] !== undefined
  })
  return [isNamed ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM']
}

const tagsMax = 50

export function tagRecord(tags: { Key?: string | undefined; Value?: string | undefined }[]): Record<string, string> {
  if (tags.length > tagsMax) throw validationError(`A stack has at most ${tagsMax} tags.`)
  return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]))
}
