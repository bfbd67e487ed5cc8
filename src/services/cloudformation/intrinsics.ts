/**
 * Intrinsic functions: evaluates a piece of a template in a scope that knows parameters, resources, conditions and
 * exports. Pure: what is not known yet (an attribute of a resource that a change set will create) is the text
 * `unknownUntilApplied`, which every function hands on.
 */
import { fourthVersionBlocks } from './cidr.ts'
import { isObject, type Json, type JsonObject, type Template, TemplateError, textOf } from './templates.ts'
import { attributePath } from './templateText.ts'

/** What CloudFormation itself writes in a change set for a value that only the deployment will know. */
export const unknownUntilApplied = '{{changeSet:KNOWN_AFTER_APPLY}}'

/** The value of `AWS::NoValue`: the property, or the list's item, that has it is left out. */
export const noValue = Symbol('AWS::NoValue')
export type Evaluated = Json | typeof noValue

export interface Scope {
  region: string
  mappings: Template['mappings']
  /** A parameter's, pseudo-parameter's or resource's value. */
  ref(name: string): Evaluated
  attribute(logicalId: string, name: string): Json
  condition(name: string): boolean
  importValue(exportName: string): Json
}

type Call = (argument: Json, scope: Scope, name: string) => Evaluated

export function evaluate(node: Json, scope: Scope): Evaluated {
  if (Array.isArray(node)) return node.map((item) => evaluate(item, scope)).filter((item) => item !== noValue)
  if (!isObject(node)) return node
  const names = Object.keys(node)
  if (names.length === 1) {
    const name = names[0] as string
    const call = functions.get(name)
    if (call) return call(node[name] as Json, scope, name)
    if (name.startsWith('Fn::')) throw unsupported(name)
  }
  const result: JsonObject = {}
  for (const name of names) {
    const value = evaluate(node[name] as Json, scope)
    if (value !== noValue) result[name] = value
  }
  return result
}

/** The value of a condition or rule: like `evaluate`, where `{Condition: name}` is a function too. */
export function evaluateCondition(node: Json, scope: Scope): boolean {
  if (isObject(node) && typeof node.Condition === 'string' && Object.keys(node).length === 1) {
    return scope.condition(node.Condition)
  }
  const value = evaluate(node, scope)
  if (value === true || value === 'true') return true
  if (value === false || value === 'false') return false
  throw new TemplateError('Template format error: Every Condition member must be a boolean function.')
}

const functions = new Map<string, Call>([
  ['Ref', ref],
  ['Fn::GetAtt', getAttribute],
  ['Fn::Sub', substitute],
  ['Fn::Join', join],
  ['Fn::Select', select],
  ['Fn::Split', split],
  ['Fn::FindInMap', findInMap],
  ['Fn::If', choose],
  ['Fn::And', (node, scope, name) => operands(node, name, 2, 10).every((item) => evaluateCondition(item, scope))],
  ['Fn::Or', (node, scope, name) => operands(node, name, 2, 10).some((item) => evaluateCondition(item, scope))],
  ['Fn::Not', (node, scope, name) => !evaluateCondition(operands(node, name, 1, 1)[0] as Json, scope)],
  ['Fn::Equals', equals],
  ['Fn::Contains', contains],
  ['Fn::EachMemberEquals', eachMemberEquals],
  ['Fn::EachMemberIn', eachMemberIn],
  ['Fn::ImportValue', (node, scope) => importValue(node, scope)],
  ['Fn::Base64', base64],
  ['Fn::Cidr', cidr],
  ['Fn::GetAZs', availabilityZones],
])

const languageExtensions = new Set(['Fn::Length', 'Fn::ToJsonString'])

function unsupported(name: string): TemplateError {
  if (languageExtensions.has(name) || name.startsWith('Fn::ForEach')) {
    return new TemplateError(
      `Template error: ${name} needs the transform AWS::LanguageExtensions, which is not implemented.`,
    )
  }
  if (name === 'Fn::Transform') return new TemplateError('Template error: Fn::Transform is not implemented.')
  const known = [...functions.keys()].join(', ')
  return new TemplateError(
    `Template format error: Encountered unsupported function: ${name} Supported functions are: [${known}]`,
  )
}

function ref(node: Json, scope: Scope): Evaluated {
  if (typeof node !== 'string')
    throw new TemplateError('Template error: every Ref object must have a single String value.')
  return scope.ref(node)
}

function getAttribute(node: Json, scope: Scope): Evaluated {
  const [logicalId, attribute] = attributeReference(node)
  const name = evaluate(attribute, scope)
  return scope.attribute(logicalId, textOf(name as Json))
}

/** The two parts of an Fn::GetAtt; the second may itself be a Ref to a parameter. */
export function attributeReference(node: Json): [logicalId: string, attribute: Json] {
  const parts = typeof node === 'string' ? attributePath(node) : node
  if (!Array.isArray(parts) || parts.length < 2 || typeof parts[0] !== 'string') {
    throw new TemplateError(
      'Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute',
    )
  }
  return [parts[0], parts.length === 2 ? (parts[1] as Json) : parts.slice(1).join('.')]
}

/** The variables of an Fn::Sub text, in order; `${!Literal}` is none. */
export const subVariable = /\$\{(!?)([^}]*)\}/g

function substitute(node: Json, scope: Scope): Evaluated {
  const [text, variables] = Array.isArray(node) ? node : [node, {}]
  if (typeof text !== 'string' || !isObject(variables ?? null)) {
    throw new TemplateError(
      'Template error: One or more Fn::Sub intrinsic functions do not specify expected arguments. Specify a string as first argument, and an optional second argument to specify a mapping of values to replace in the string',
    )
  }
  const own = variables as JsonObject
  return text.replaceAll(subVariable, (_match, literal: string, variable: string) => {
    const name = variable.trim()
    if (literal) return `\${${variable}}`
    if (Object.hasOwn(own, name)) return scalar(evaluate(own[name] as Json, scope), 'Fn::Sub')
    const [logicalId, attribute] = name.includes('.') ? (attributePath(name) as [string, string]) : [name]
    return scalar(attribute === undefined ? scope.ref(name) : scope.attribute(logicalId, attribute), 'Fn::Sub')
  })
}

function scalar(value: Evaluated, functionName: string): string {
  if (value === noValue) return ''
  if (typeof value === 'object' && value !== null) {
    throw new TemplateError(
      `Template error: every value of ${functionName} must be a string, found ${JSON.stringify(value)}`,
    )
  }
  return textOf(value)
}

function join(node: Json, scope: Scope): Evaluated {
  const [delimiter, list] = Array.isArray(node) && node.length === 2 ? node : []
  const items = list === undefined ? undefined : evaluate(list, scope)
  if (items === unknownUntilApplied) return items
  if (typeof delimiter !== 'string' || !Array.isArray(items)) {
    throw new TemplateError(
      'Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.',
    )
  }
  return items.map((item) => scalar(item, 'Fn::Join')).join(delimiter)
}

function select(node: Json, scope: Scope): Evaluated {
  const [wanted, list] = Array.isArray(node) && node.length === 2 ? node : []
  const items = list === undefined ? undefined : evaluate(list, scope)
  const index = wanted === undefined ? Number.NaN : Number(evaluate(wanted, scope) as Json)
  if (items === unknownUntilApplied) return items
  if (!Array.isArray(items) || !Number.isInteger(index)) {
    throw new TemplateError(
      'Template error: Fn::Select requires a list argument with two elements: an integer index and a list',
    )
  }
  const chosen = items[index]
  if (chosen !== undefined) return chosen
  if (items.some((item) => isUnknown(item))) return unknownUntilApplied
  throw new TemplateError(`Template error: Fn::Select  cannot select nonexistent value at index ${index}`)
}

function split(node: Json, scope: Scope): Evaluated {
  const [delimiter, source] = Array.isArray(node) && node.length === 2 ? node : []
  const text = source === undefined ? undefined : evaluate(source, scope)
  if (typeof delimiter !== 'string' || (typeof text !== 'string' && typeof text !== 'number')) {
    throw new TemplateError(
      'Template error: every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a function that returns a string to be split.',
    )
  }
  if (text === unknownUntilApplied) return text
  return String(text).split(delimiter)
}

function findInMap(node: Json, scope: Scope): Evaluated {
  if (!Array.isArray(node) || node.length < 3) {
    throw new TemplateError(
      'Template error: every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return value',
    )
  }
  const [name, key, attribute] = node.slice(0, 3).map((part) => scalar(evaluate(part, scope), 'Fn::FindInMap'))
  const mapping = scope.mappings[name as string]
  if (!mapping) {
    throw new TemplateError(
      `Template error: Mapping named '${name}' is not present in the 'Mappings' section of template.`,
    )
  }
  const value = mapping[key as string]?.[attribute as string]
  if (value !== undefined) return value
  throw new TemplateError(`Template error: Unable to get mapping for ${name}::${key}::${attribute}`)
}

function choose(node: Json, scope: Scope): Evaluated {
  const [condition, whenTrue, whenFalse] = Array.isArray(node) && node.length === 3 ? node : []
  if (condition === undefined || whenTrue === undefined || whenFalse === undefined) {
    throw new TemplateError('Template error: Fn::If requires a list argument with three elements')
  }
  const holds = typeof condition === 'string' ? scope.condition(condition) : evaluateCondition(condition, scope)
  return evaluate(holds ? whenTrue : whenFalse, scope)
}

function operands(node: Json, name: string, countMin: number, countMax: number): Json[] {
  if (Array.isArray(node) && node.length >= countMin && node.length <= countMax) return node
  const count = countMin === 1 ? 'one boolean parameter' : 'at least 2 and at most 10 boolean parameters'
  throw new TemplateError(`Template error: every ${name} object requires ${count}.`)
}

function pair(node: Json, scope: Scope, name: string): [Json, Json] {
  if (!Array.isArray(node) || node.length !== 2) {
    throw new TemplateError(`Template error: every ${name} object requires a list of 2 parameters.`)
  }
  return node.map((side) => {
    const value = evaluate(side, scope)
    return value === noValue ? '' : value
  }) as [Json, Json]
}

function equals(node: Json, scope: Scope, name: string): boolean {
  const [left, right] = pair(node, scope, name)
  return textOf(left) === textOf(right)
}

function contains(node: Json, scope: Scope, name: string): boolean {
  const [list, value] = pair(node, scope, name)
  return texts(list).includes(textOf(value))
}

function eachMemberEquals(node: Json, scope: Scope, name: string): boolean {
  const [list, value] = pair(node, scope, name)
  return texts(list).every((item) => item === textOf(value))
}

function eachMemberIn(node: Json, scope: Scope, name: string): boolean {
  const [list, allowed] = pair(node, scope, name)
  return texts(list).every((item) => texts(allowed).includes(item))
}

function texts(value: Json): string[] {
  return Array.isArray(value) ? value.map(textOf) : [textOf(value)]
}

function importValue(node: Json, scope: Scope): Evaluated {
  const name = scalar(evaluate(node, scope), 'Fn::ImportValue')
  return isUnknown(name) ? unknownUntilApplied : scope.importValue(name)
}

function base64(node: Json, scope: Scope): Evaluated {
  const text = scalar(evaluate(node, scope), 'Fn::Base64')
  return isUnknown(text) ? unknownUntilApplied : Buffer.from(text, 'utf8').toString('base64')
}

function cidr(node: Json, scope: Scope): Evaluated {
  const [block, count, bits = 8] = (Array.isArray(node) ? node : []).map((part) => evaluate(part, scope) as Json)
  if (block === undefined || count === undefined) {
    throw new TemplateError(
      'Template error: every Fn::Cidr object requires two parameters, (1) a CIDR and (2) a count.',
    )
  }
  if (isUnknown(block)) return unknownUntilApplied
  return fourthVersionBlocks(textOf(block), Number(count), Number(bits))
}

/** Every region has three zones here. */
function availabilityZones(node: Json, scope: Scope): Evaluated {
  const region = textOf(evaluate(node, scope) as Json) || scope.region
  return ['a', 'b', 'c'].map((zone) => region + zone)
}

export function isUnknown(value: Json): boolean {
  return typeof value === 'string'
    ? value.includes(unknownUntilApplied)
    : typeof value === 'object' && value !== null && Object.values(value).some((item) => isUnknown(item as Json))
}
