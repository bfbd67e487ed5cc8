/**
 * Parameter values: what was given, what was there before, the defaults; checked against the declarations. Values are
 * text, as on the wire; `parameterValue` makes of them what a Ref gives. The values of
 * `AWS::SSM::Parameter::Value<…>` parameters are names, whose values the caller looks up.
 */
import { type Json, type ParameterDeclaration, type Template, TemplateError } from './templates.ts'

export interface GivenParameter {
  ParameterKey?: string | undefined
  ParameterValue?: string | undefined
  UsePreviousValue?: boolean | undefined
}

/** By parameter name: the value as given and, for Parameter Store parameters, what was found under that name. */
export type ParameterValues = Record<string, { value: string; resolved?: string }>

const storeType = /^AWS::SSM::Parameter::Value<(.+)>$/
const listType = /^(CommaDelimitedList|List<.+>)$/

export function chooseValues(
  declared: Template['parameters'],
  given: GivenParameter[],
  previous: ParameterValues = {},
): ParameterValues {
  const unknown = given.map((one) => one.ParameterKey ?? '').filter((name) => !Object.hasOwn(declared, name))
  if (unknown.length > 0) throw new TemplateError(`Parameters: [${unknown.join(', ')}] do not exist in the template`)
  const wanted = new Map(given.map((one) => [one.ParameterKey as string, one]))
  const values: ParameterValues = {}
  const missing: string[] = []
  for (const [name, declaration] of Object.entries(declared)) {
    const value = chooseValue(name, declaration, wanted.get(name), previous)
    if (value === undefined) missing.push(name)
    else values[name] = { value }
  }
  if (missing.length > 0) throw new TemplateError(`Parameters: [${missing.join(', ')}] must have values`)
  for (const [name, { value }] of Object.entries(values))
    checkValue(name, value, declared[name] as ParameterDeclaration)
  return values
}

function chooseValue(
  name: string,
  declaration: ParameterDeclaration,
  given: GivenParameter | undefined,
  previous: ParameterValues,
): string | undefined {
  if (given?.UsePreviousValue) {
    const before = previous[name]
    if (before) return before.value
    throw new TemplateError(
      `Invalid input for parameter key ${name}. Cannot specify usePreviousValue as true for a parameter key not in the previous template`,
    )
  }
  return given?.ParameterValue ?? declaration.default
}

/** The Parameter Store names that must be looked up, by parameter. */
export function storeNames(declared: Template['parameters'], values: ParameterValues): Map<string, string> {
  const names = new Map<string, string>()
  for (const [name, declaration] of Object.entries(declared)) {
    const value = values[name]
    if (value && storeType.test(declaration.type)) names.set(name, value.value)
  }
  return names
}

/** What `Ref` of a parameter gives: text, or a list for list types. */
export function parameterValue(declaration: ParameterDeclaration, given: ParameterValues[string]): Json {
  const type = storeType.exec(declaration.type)?.[1] ?? declaration.type
  const value = given.resolved ?? given.value
  if (!listType.test(type)) return value
  return value === '' ? [] : value.split(',').map((item) => item.trim())
}

function checkValue(name: string, value: string, declaration: ParameterDeclaration): void {
  const items = listType.test(declaration.type) ? value.split(',').map((item) => item.trim()) : [value]
  for (const item of items) {
    const fault = faultOf(name, item, declaration)
    if (!fault) continue
    const { constraintDescription } = declaration
    throw new TemplateError(
      constraintDescription ? `Parameter ${name} failed to satisfy constraint: ${constraintDescription}` : fault,
    )
  }
}

function faultOf(name: string, value: string, declaration: ParameterDeclaration): string | undefined {
  const { allowedValues, allowedPattern, minLength, maxLength } = declaration
  if (allowedValues && !allowedValues.includes(value)) {
    return `Parameter '${name}' must be one of AllowedValues`
  }
  if (allowedPattern !== undefined && !matchesWhole(name, allowedPattern, value)) {
    return `Parameter '${name}' must match pattern ${allowedPattern}`
  }
  if (minLength !== undefined && value.length < minLength) {
    return `Parameter '${name}' must contain at least ${minLength} characters`
  }
  if (maxLength !== undefined && value.length > maxLength) {
    return `Parameter '${name}' must contain at most ${maxLength} characters`
  }
  return numberFault(name, value, declaration)
}

function numberFault(name: string, value: string, declaration: ParameterDeclaration): string | undefined {
  if (declaration.type !== 'Number' && declaration.type !== 'List<Number>') return undefined
  const number = Number(value)
  if (value.trim() === '' || !Number.isFinite(number)) return `Parameter '${name}' must be a number`
  const { minValue, maxValue } = declaration
  if (minValue !== undefined && number < minValue)
    return `Parameter '${name}' must be a number not less than ${minValue}`
  if (maxValue !== undefined && number > maxValue) {
    return `Parameter '${name}' must be a number not greater than ${maxValue}`
  }
  return undefined
}

function matchesWhole(name: string, pattern: string, value: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`).test(value)
  } catch {
    throw new TemplateError(
      `Template format error: AllowedPattern of parameter ${name} is not a valid regular expression.`,
    )
  }
}
