/**
 * Dynamic references, `{{resolve:ssm:name}}`: looked up just before a resource is made, so that the stack keeps the
 * reference and never the secret. A changed secret alone is no change of the resource, as on AWS.
 */
import { isObject, type Json, type JsonObject, TemplateError } from './templates.ts'

export interface ReferenceSources {
  parameter(name: string, version: string | undefined, isSecure: boolean): Promise<string>
  secret(id: string, version: { stage?: string; id?: string }): Promise<string>
}

const referencePattern = /\{\{resolve:(ssm|ssm-secure|secretsmanager):([^{}]+)\}\}/g

export async function resolveReferences(node: Json, sources: ReferenceSources): Promise<Json> {
  if (typeof node === 'string') return node.includes('{{resolve:') ? await resolveText(node, sources) : node
  if (Array.isArray(node)) return await Promise.all(node.map((item) => resolveReferences(item, sources)))
  if (!isObject(node)) return node
  const result: JsonObject = {}
  for (const [name, value] of Object.entries(node)) result[name] = await resolveReferences(value, sources)
  return result
}

async function resolveText(text: string, sources: ReferenceSources): Promise<string> {
  const parts: string[] = []
  let end = 0
  for (const match of text.matchAll(referencePattern)) {
    parts.push(text.slice(end, match.index), await lookUp(match[1] as string, match[2] as string, sources))
    end = match.index + match[0].length
  }
  return parts.join('') + text.slice(end)
}

async function lookUp(service: string, reference: string, sources: ReferenceSources): Promise<string> {
  if (service === 'secretsmanager') return await secretValue(reference, sources)
  const version = /^(.*):(\d+)$/.exec(reference)
  return await sources.parameter(version?.[1] ?? reference, version?.[2], service === 'ssm-secure')
}

/** `secret-id:SecretString:json-key:version-stage:version-id`, where the id may be an ARN with colons of its own. */
async function secretValue(reference: string, sources: ReferenceSources): Promise<string> {
  const parts = reference.split(':')
  const idParts = parts[0] === 'arn' ? 7 : 1
  const id = parts.slice(0, idParts).join(':')
  const [kind = 'SecretString', jsonKey = '', stage = '', versionId = ''] = parts.slice(idParts)
  if (kind !== 'SecretString') {
    throw new TemplateError(`Invalid dynamic reference: only SecretString can be resolved, not ${kind}`)
  }
  const text = await sources.secret(id, { ...(stage && { stage }), ...(versionId && { id: versionId }) })
  if (!jsonKey) return text
  const value = memberOf(text, jsonKey)
  if (value !== undefined) return typeof value === 'string' ? value : JSON.stringify(value)
  throw new TemplateError(`Could not find a value associated with JSONKey in SecretString`)
}

function memberOf(text: string, name: string): unknown {
  try {
    const document: unknown = JSON.parse(text)
    return isObject(document) ? document[name] : undefined
  } catch {
    throw new TemplateError('Could not parse SecretString JSON')
  }
}
