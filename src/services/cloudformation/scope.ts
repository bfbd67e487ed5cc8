/**
 * Where a stack's intrinsic functions find their values: parameters, pseudo-parameters, conditions, the resources'
 * ids and attributes. Resources come in as functions, since a change set, a deployment and a list of outputs each know
 * them differently.
 */
import { type Evaluated, evaluate, evaluateCondition, noValue, type Scope } from './intrinsics.ts'
import { type ParameterValues, parameterValue } from './parameters.ts'
import { type Json, type Template, TemplateError } from './templates.ts'

export interface StackScope {
  template: Template
  parameters: ParameterValues
  account: string
  region: string
  stackId: string
  stackName: string
  notificationArns: string[]
  /** The physical id of a resource. */
  idOf(logicalId: string): Json
  attributeOf(logicalId: string, name: string): Json
  importValue(exportName: string): Json
}

export function scopeOf(stack: StackScope): Scope {
  const { template } = stack
  const pseudo = pseudoParameters(stack)
  const known = new Map<string, boolean | undefined>()
  const scope: Scope = {
    region: stack.region,
    mappings: template.mappings,
    importValue: stack.importValue,
    attribute: stack.attributeOf,
    ref(name) {
      if (pseudo.has(name)) return pseudo.get(name) as Evaluated
      const declaration = template.parameters[name]
      const value = stack.parameters[name]
      if (declaration && value) return parameterValue(declaration, value)
      if (Object.hasOwn(template.resources, name)) return stack.idOf(name)
      throw new TemplateError(
        `Template format error: Unresolved resource dependencies [${name}] in the Resources block of the template`,
      )
    },
    condition(name) {
      const value = known.get(name)
      if (value !== undefined) return value
      if (known.has(name))
        throw new TemplateError(`Template format error: Circular dependencies between conditions: [${name}]`)
      const condition = template.conditions[name]
      if (condition === undefined) throw new TemplateError(`Template error: Undefined condition ${name}.`)
      known.set(name, undefined)
      const holds = evaluateCondition(condition, scope)
      known.set(name, holds)
      return holds
    },
  }
  return scope
}

function pseudoParameters(stack: StackScope): Map<string, Evaluated> {
  const isChina = stack.region.startsWith('cn-')
  return new Map<string, Evaluated>([
    ['AWS::AccountId', stack.account],
    ['AWS::NotificationARNs', stack.notificationArns],
    ['AWS::NoValue', noValue],
    ['AWS::Partition', isChina ? 'aws-cn' : stack.region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'],
    ['AWS::Region', stack.region],
    ['AWS::StackId', stack.stackId],
    ['AWS::StackName', stack.stackName],
    ['AWS::URLSuffix', isChina ? 'amazonaws.com.cn' : 'amazonaws.com'],
  ])
}

/** The resources of a template whose conditions hold. */
export function liveResources(template: Template, scope: Scope): Template['resources'] {
  return Object.fromEntries(
    Object.entries(template.resources).filter(
      ([, { condition }]) => condition === undefined || scope.condition(condition),
    ),
  )
}

/** Checks the Rules section, and that every condition has a value. */
export function checkRules(template: Template, scope: Scope): void {
  for (const name of Object.keys(template.conditions)) scope.condition(name)
  for (const rule of Object.values(template.rules)) {
    if (rule.condition !== undefined && !evaluateCondition(rule.condition, scope)) continue
    const failed = rule.assertions.find((assertion) => !evaluateCondition(assertion.assert, scope))
    if (failed) {
      throw new TemplateError(
        `Template validation error: ${failed.description ?? 'A rule of the template is not satisfied.'}`,
      )
    }
  }
}

export interface Output {
  key: string
  value: string
  description?: string
  exportName?: string
}

export function outputsOf(template: Template, scope: Scope): Output[] {
  return Object.entries(template.outputs).flatMap(([key, output]) => {
    if (output.condition !== undefined && !scope.condition(output.condition)) return []
    const value = evaluate(output.value, scope)
    if (value === noValue) return []
    if (typeof value === 'object' && value !== null) {
      throw new TemplateError(
        `Template format error: The Value field of every Outputs member must evaluate to a String. (${key})`,
      )
    }
    const exportName = output.exportName === undefined ? undefined : evaluate(output.exportName, scope)
    return [
      {
        key,
        value: String(value),
        ...(output.description !== undefined && { description: output.description }),
        ...(exportName !== undefined && { exportName: String(exportName) }),
      },
    ]
  })
}
