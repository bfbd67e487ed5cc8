/**
 * A template as text, and as what it declares. Its shape is checked here; what its parts refer to is checked
 * in references.ts. A fault is a TemplateError in CloudFormation's own words: the operations turn it into a
 * ValidationError, a deployment into the reason of an event.
 */
import { parseJson, parseYaml } from './templateText.ts'

export type Json = string | number | boolean | null | Json[] | JsonObject
export interface JsonObject {
  [name: string]: Json
}

export interface Template {
  description?: string
  parameters: Record<string, ParameterDeclaration>
  mappings: Record<string, Record<string, JsonObject>>
  conditions: Record<string, Json>
  rules: Record<string, RuleDeclaration>
  resources: Record<string, ResourceDeclaration>
  outputs: Record<string, OutputDeclaration>
  metadata?: Json
  transforms: string[]
}

export interface ParameterDeclaration {
  type: string
  default?: string
  noEcho: boolean
  description?: string
  allowedValues?: string[]
  allowedPattern?: string
  constraintDescription?: string
  minLength?: number
  maxLength?: number
  minValue?: number
  maxValue?: number
}

export interface RuleDeclaration {
  condition?: Json
  assertions: { assert: Json; description?: string }[]
}

export type RemovalPolicy = 'Delete' | 'Retain' | 'Snapshot' | 'RetainExceptOnCreate'

export interface ResourceDeclaration {
  type: string
  properties: JsonObject
  dependsOn: string[]
  condition?: string
  deletionPolicy?: RemovalPolicy
  updateReplacePolicy?: RemovalPolicy
  creationPolicy?: Json
  metadata?: Json
}

export interface OutputDeclaration {
  description?: string
  value: Json
  exportName?: Json
  condition?: string
}

export class TemplateError extends Error {
  override name = 'TemplateError'
}

export const templateLimits = {
  bodyBytesMax: 51_200,
  storedBytesMax: 1_048_576,
  resourcesMax: 500,
  parametersMax: 200,
  mappingsMax: 200,
  outputsMax: 200,
}

const sections = new Set(
  'AWSTemplateFormatVersion Description Metadata Parameters Rules Mappings Conditions Transform Hooks Resources Outputs'.split(
    ' ',
  ),
)
const resourceMembers = new Set(
  'Type Properties DependsOn Condition DeletionPolicy UpdateReplacePolicy CreationPolicy UpdatePolicy Metadata'.split(
    ' ',
  ),
)
const removalPolicies = new Set<Json>(['Delete', 'Retain', 'Snapshot', 'RetainExceptOnCreate'])

/** Reads a template, JSON when its first character is a brace and YAML otherwise, as CloudFormation does. */
export function parseTemplate(text: string): Template {
  const document = text.trimStart().startsWith('{') ? parseJson(text) : parseYaml(text)
  if (!isObject(document)) throw new TemplateError('Template format error: unsupported structure.')
  const unknown = Object.keys(document).filter((section) => !sections.has(section))
  if (unknown.length > 0) throw new TemplateError(`Invalid template property or properties [${unknown.join(', ')}]`)
  checkVersion(document.AWSTemplateFormatVersion)
  const template: Template = {
    parameters: section(document, 'Parameters', parameterFrom, templateLimits.parametersMax),
    mappings: section(document, 'Mappings', mappingFrom, templateLimits.mappingsMax),
    conditions: section(document, 'Conditions', (_name, condition) => condition),
    rules: section(document, 'Rules', ruleFrom),
    resources: section(document, 'Resources', resourceFrom, templateLimits.resourcesMax),
    outputs: section(document, 'Outputs', outputFrom, templateLimits.outputsMax),
    transforms: transformsOf(document.Transform),
  }
  if (typeof document.Description === 'string') template.description = document.Description
  if (document.Metadata !== undefined) template.metadata = document.Metadata
  if (Object.keys(template.resources).length === 0) {
    throw new TemplateError('Template format error: At least one Resources member must be defined.')
  }
  return template
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function checkVersion(version: Json | undefined): void {
  if (version === undefined || version === '2010-09-09') return
  throw new TemplateError(
    `Template format error: unsupported value for AWSTemplateFormatVersion: ${JSON.stringify(version)}.`,
  )
}

function section<T>(
  document: JsonObject,
  name: string,
  read: (name: string, value: Json) => T,
  countMax = Number.POSITIVE_INFINITY,
): Record<string, T> {
  const members = document[name]
  if (members === undefined || (members === null && name !== 'Resources')) return {}
  if (!isObject(members)) {
    throw new TemplateError(`Template format error: ${name} must be an object.`)
  }
  const names = Object.keys(members)
  if (names.length > countMax) {
    const what = name.toLowerCase()
    throw new TemplateError(
      `Template format error: Number of ${what}, ${names.length}, is greater than maximum allowed, ${countMax}`,
    )
  }
  return Object.fromEntries(names.map((member) => [member, read(member, members[member] as Json)]))
}

function parameterFrom(name: string, value: Json): ParameterDeclaration {
  if (!/^[a-zA-Z0-9]+$/.test(name)) {
    throw new TemplateError(`Template format error: Parameter name ${name} is non alphanumeric.`)
  }
  if (!isObject(value)) throw new TemplateError(`Template format error: Any Parameters member must be an object.`)
  if (typeof value.Type !== 'string') {
    throw new TemplateError(`Template format error: Every Parameters object must contain a Type member.`)
  }
  const list = Array.isArray(value.AllowedValues) ? value.AllowedValues.map(textOf) : undefined
  return {
    type: value.Type,
    noEcho: value.NoEcho === true || value.NoEcho === 'true',
    ...(value.Default !== undefined && { default: textOf(value.Default) }),
    ...(typeof value.Description === 'string' && { description: value.Description }),
    ...(list && { allowedValues: list }),
    ...(typeof value.AllowedPattern === 'string' && { allowedPattern: value.AllowedPattern }),
    ...(typeof value.ConstraintDescription === 'string' && { constraintDescription: value.ConstraintDescription }),
    ...limit('minLength', value.MinLength),
    ...limit('maxLength', value.MaxLength),
    ...limit('minValue', value.MinValue),
    ...limit('maxValue', value.MaxValue),
  }
}

function limit(name: 'minLength' | 'maxLength' | 'minValue' | 'maxValue', value: Json | undefined) {
  return value === undefined || value === null ? {} : { [name]: Number(value) }
}

/** A scalar as CloudFormation writes it: parameters and mapped values are always text. */
export function textOf(value: Json): string {
  return Array.isArray(value) ? value.map(textOf).join(',') : isObject(value) ? JSON.stringify(value) : String(value)
}

function mappingFrom(name: string, value: Json): Record<string, JsonObject> {
  if (!isObject(value)) {
    throw new TemplateError(`Template format error: Every Mappings member ${name} must be a map`)
  }
  for (const [key, attributes] of Object.entries(value)) {
    if (!isObject(attributes)) {
      throw new TemplateError(`Template format error: Every Mappings attribute must be a String or a List. (${key})`)
    }
  }
  return value as Record<string, JsonObject>
}

function ruleFrom(name: string, value: Json): RuleDeclaration {
  if (!isObject(value) || !Array.isArray(value.Assertions)) {
    throw new TemplateError(`Template format error: Rule ${name} must contain an Assertions member.`)
  }
  return {
    ...(value.RuleCondition !== undefined && { condition: value.RuleCondition }),
    assertions: value.Assertions.filter(isObject).map((assertion) => ({
      assert: assertion.Assert ?? null,
      ...(typeof assertion.AssertDescription === 'string' && { description: assertion.AssertDescription }),
    })),
  }
}

function resourceFrom(logicalId: string, value: Json): ResourceDeclaration {
  if (!/^[a-zA-Z0-9]+$/.test(logicalId)) {
    throw new TemplateError(`Template format error: Resource name ${logicalId} is non alphanumeric.`)
  }
  if (!isObject(value))
    throw new TemplateError(
      `Template format error: [/Resources/${logicalId}] 'null' values are not allowed in templates`,
    )
  const unknown = Object.keys(value).find((member) => !resourceMembers.has(member))
  if (unknown) throw new TemplateError(`Invalid template resource property '${unknown}'`)
  if (typeof value.Type !== 'string') {
    throw new TemplateError(
      `Template format error: [/Resources/${logicalId}] Every Resources object must contain a Type member.`,
    )
  }
  const properties = value.Properties ?? {}
  if (!isObject(properties)) {
    throw new TemplateError(`Template format error: [/Resources/${logicalId}/Properties] Properties must be an object.`)
  }
  return {
    type: value.Type,
    properties,
    dependsOn: dependsOnOf(value.DependsOn),
    ...(typeof value.Condition === 'string' && { condition: value.Condition }),
    ...removalPolicy('deletionPolicy', logicalId, value.DeletionPolicy),
    ...removalPolicy('updateReplacePolicy', logicalId, value.UpdateReplacePolicy),
    ...(value.CreationPolicy !== undefined && { creationPolicy: value.CreationPolicy }),
    ...(value.Metadata !== undefined && { metadata: value.Metadata }),
  }
}

function dependsOnOf(value: Json | undefined): string[] {
  if (value === undefined || value === null) return []
  const names = Array.isArray(value) ? value : [value]
  if (names.every((name) => typeof name === 'string')) return names
  throw new TemplateError('Template format error: DependsOn must be a string or list of strings.')
}

function removalPolicy(member: 'deletionPolicy' | 'updateReplacePolicy', logicalId: string, value: Json | undefined) {
  if (value === undefined || value === null) return {}
  if (removalPolicies.has(value)) return { [member]: value as RemovalPolicy }
  const attribute = member === 'deletionPolicy' ? 'DeletionPolicy' : 'UpdateReplacePolicy'
  throw new TemplateError(`Template format error: Unrecognized ${attribute} ${textOf(value)} for resource ${logicalId}`)
}

function outputFrom(name: string, value: Json): OutputDeclaration {
  if (!isObject(value) || value.Value === undefined) {
    throw new TemplateError(`Template format error: Output ${name} is malformed.`)
  }
  const exported = isObject(value.Export) ? value.Export.Name : undefined
  return {
    value: value.Value,
    ...(typeof value.Description === 'string' && { description: value.Description }),
    ...(exported !== undefined && { exportName: exported }),
    ...(typeof value.Condition === 'string' && { condition: value.Condition }),
  }
}

function transformsOf(value: Json | undefined): string[] {
  if (value === undefined || value === null) return []
  return (Array.isArray(value) ? value : [value]).map((transform) =>
    isObject(transform) ? textOf(transform.Name ?? '') : textOf(transform),
  )
}
