/** What a resource type is given to work with: the stack's place, its tags, names that are the same at every try. */
import { createHash } from 'node:crypto'
import type { Context } from '../../delivery/context.ts'
import { type ResourceContext, type ResourceType, resourceTypes } from '../resource.ts'
import { sameValue } from './changes.ts'
import { resolveReferences } from './dynamicReferences.ts'
import type { Physical } from './stackResources.ts'
import { type Stack, systemTags } from './stacks.ts'
import { isObject, type Json, type JsonObject, TemplateError } from './templates.ts'

const suffixLetters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const suffixLength = 12

export function resourceContext(ctx: Context, stack: Stack, logicalId: string, token: string): ResourceContext {
  return {
    ctx,
    call: ctx.call,
    clock: ctx.clock,
    random: ctx.random,
    account: ctx.account,
    region: ctx.region,
    commit: ctx.commit,
    in: ctx.in,
    use: ctx.use,
    stackName: stack.name,
    stackId: stack.arn,
    logicalId,
    token,
    tags: systemTags(stack, logicalId),
    generatedName: (rules) => generatedName(stack.name, logicalId, token, rules),
  }
}

/** `stack-LogicalId-1A2B3C4D5E6F`; the end comes from the token, so a second try makes the same name. */
export function generatedName(
  stackName: string,
  logicalId: string,
  token: string,
  { max = 255, lowerCase = false }: { max?: number; lowerCase?: boolean } = {},
): string {
  const digest = createHash('sha256').update(token).digest()
  const suffix = Array.from(digest.subarray(0, suffixLength), (byte) => suffixLetters[byte % suffixLetters.length])
  const room = Math.max(max - suffixLength - 2, 2)
  const logicalRoom = Math.min(logicalId.length, Math.max(room - stackName.length, Math.floor(room / 2)))
  const name = [stackName.slice(0, room - logicalRoom), logicalId.slice(0, logicalRoom), suffix.join('')].join('-')
  return lowerCase ? name.toLowerCase() : name
}

/** Types that need no implementation of a service: custom resources are all of one kind. */
export function isCustom(type: string): boolean {
  return type.startsWith('Custom::') || type === 'AWS::CloudFormation::CustomResource'
}

export function findType(ctx: Pick<Context, 'use'>, type: string): ResourceType | undefined {
  return ctx.use(resourceTypes).get(type)
}

/** Whether a change of a property makes the resource anew. */
export function replacesOn(ctx: Pick<Context, 'use'>) {
  return (type: string, name: string, before?: Json, after?: Json): boolean => {
    const found = findType(ctx, type)
    if (!found) return false
    if (!found.update || found.replaceOn.includes(name) || found.replaces?.(name, before, after)) return true
    const nested = found.replaceOn.filter((path) => path.startsWith(`${name}.`)).map((path) => path.split('.').slice(1))
    return nested.some((path) => !sameValue(memberAt(before, path), memberAt(after, path)))
  }
}

function memberAt(value: Json | undefined, path: string[]): Json | undefined {
  return path.reduce<Json | undefined>((member, name) => (isObject(member) ? member[name] : undefined), value)
}

/** Properties with their dynamic references looked up, as a resource type gets them. */
export async function resolvedProperties(ctx: Context, properties: JsonObject): Promise<JsonObject> {
  const resolved = await resolveReferences(properties, {
    async parameter(name, version, isSecure) {
      const selector = version === undefined ? name : `${name}:${version}`
      const answer = await ctx.call('ssm').GetParameter({ Name: selector, WithDecryption: isSecure })
      if (!isSecure && answer.Parameter?.Type === 'SecureString') {
        throw new TemplateError(`Secure SSM parameter ${name} must be referenced as ssm-secure`)
      }
      return answer.Parameter?.Value ?? ''
    },
    async secret(id, { stage, id: versionId }) {
      const answer = await ctx.call('secrets-manager').GetSecretValue({
        SecretId: id,
        ...(stage !== undefined && { VersionStage: stage }),
        ...(versionId !== undefined && { VersionId: versionId }),
      })
      if (answer.SecretString !== undefined) return answer.SecretString
      throw new TemplateError(`Secret ${id} has no SecretString`)
    },
  })
  return resolved as JsonObject
}

/** The properties of what is there; a secret that is gone since does not stand in the way of changing it. */
export async function presentProperties(ctx: Context, physical: Physical): Promise<JsonObject> {
  try {
    return await resolvedProperties(ctx, physical.properties)
  } catch {
    return physical.properties
  }
}
