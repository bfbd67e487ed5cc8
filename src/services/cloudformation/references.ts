/**
 * What a template's parts refer to: checked for existence before anything is made, and the order that follows from it.
 */
import { attributeReference, subVariable } from './intrinsics.ts'
import { isObject, type Json, type ResourceDeclaration, type Template, TemplateError } from './templates.ts'

export interface Reference {
  name: string
  kind: 'Ref' | 'Fn::GetAtt' | 'Condition'
  attribute?: string
}

const pseudoParameters = new Set(
  'AccountId NotificationARNs NoValue Partition Region StackId StackName URLSuffix'
    .split(' ')
    .map((name) => `AWS::${name}`),
)

/** Every reference in a piece of a template, in branches of Fn::If that are not taken too. */
export function referencesOf(node: Json): Reference[] {
  if (Array.isArray(node)) return node.flatMap(referencesOf)
  if (!isObject(node)) return []
  const names = Object.keys(node)
  const name = names[0]
  const argument = name === undefined ? null : (node[name] as Json)
  if (names.length === 1) {
    if (name === 'Ref' && typeof argument === 'string') return [{ name: argument, kind: 'Ref' }]
    if (name === 'Fn::GetAtt') return attributeReferences(argument)
    if (name === 'Fn::Sub') return subReferences(argument)
    if (name === 'Fn::If' && Array.isArray(argument) && typeof argument[0] === 'string') {
      return [{ name: argument[0], kind: 'Condition' }, ...argument.slice(1).flatMap(referencesOf)]
    }
  }
  return names.flatMap((member) => referencesOf(node[member] as Json))
}

function attributeReferences(argument: Json): Reference[] {
  const [name, attribute] = attributeReference(argument)
  const inner = referencesOf(attribute)
  return [{ name, kind: 'Fn::GetAtt', ...(typeof attribute === 'string' && { attribute }) }, ...inner]
}

function subReferences(argument: Json): Reference[] {
  const [text, variables] = Array.isArray(argument) ? argument : [argument, {}]
  const own = isObject(variables ?? null) ? (variables as Record<string, Json>) : {}
  const references = Object.values(own).flatMap(referencesOf)
  if (typeof text !== 'string') return references
  for (const [, literal, variable] of text.matchAll(subVariable)) {
    const name = (variable ?? '').trim()
    if (literal || Object.hasOwn(own, name)) continue
    const dot = name.indexOf('.')
    references.push(
      dot < 0
        ? { name, kind: 'Ref' }
        : { name: name.slice(0, dot), kind: 'Fn::GetAtt', attribute: name.slice(dot + 1) },
    )
  }
  return references
}

/** Throws what CloudFormation says of the first reference that leads nowhere, and of circles. */
export function checkReferences(template: Template): void {
  const resources = Object.entries(template.resources)
  checkNames(
    template,
    'Resources',
    resources.map(([, resource]) => resource.properties),
  )
  checkNames(
    template,
    'Outputs',
    Object.values(template.outputs).flatMap((output) => [output.value, output.exportName ?? null]),
  )
  for (const [logicalId, resource] of resources) {
    for (const name of resource.dependsOn) {
      if (!Object.hasOwn(template.resources, name)) {
        throw new TemplateError(
          `Template format error: Unresolved resource dependencies [${name}] in the Resources block of the template`,
        )
      }
    }
    checkConditionName(template, resource.condition, `resource ${logicalId}`)
  }
  for (const [name, output] of Object.entries(template.outputs))
    checkConditionName(template, output.condition, `output ${name}`)
  checkConditions(template)
  const circle = circularResources(template.resources)
  if (circle.length > 0) throw new TemplateError(`Circular dependency between resources: [${circle.join(', ')}]`)
}

function checkNames(template: Template, block: string, nodes: Json[]): void {
  const references = nodes.flatMap(referencesOf)
  const unresolved = new Set<string>()
  for (const reference of references) {
    if (reference.kind === 'Condition') checkConditionName(template, reference.name, 'Fn::If')
    else if (Object.hasOwn(template.resources, reference.name)) continue
    else if (reference.kind === 'Fn::GetAtt') {
      throw new TemplateError(`Template error: instance of Fn::GetAtt references undefined resource ${reference.name}`)
    } else if (!Object.hasOwn(template.parameters, reference.name) && !pseudoParameters.has(reference.name)) {
      unresolved.add(reference.name)
    }
  }
  if (unresolved.size > 0) {
    throw new TemplateError(
      `Template format error: Unresolved resource dependencies [${[...unresolved].join(', ')}] in the ${block} block of the template`,
    )
  }
}

function checkConditionName(template: Template, name: string | undefined, where: string): void {
  if (name === undefined || Object.hasOwn(template.conditions, name)) return
  throw new TemplateError(
    `Template format error: Unresolved condition dependency ${name} in the ${where.startsWith('output') ? 'Outputs' : 'Resources'} block of the template`,
  )
}

function checkConditions(template: Template): void {
  for (const reference of Object.values(template.conditions).flatMap(referencesOf)) {
    const known = Object.hasOwn(template.parameters, reference.name) || pseudoParameters.has(reference.name)
    if (reference.kind === 'Ref' && !known) {
      throw new TemplateError(
        `Template format error: Unresolved dependencies [${reference.name}]. Cannot reference resources in the Conditions block of the template`,
      )
    }
  }
}

/** The resources that each resource waits for: what it names in DependsOn, and what its properties refer to. */
export function dependenciesOf(resources: Template['resources']): Map<string, Set<string>> {
  return new Map(
    Object.entries(resources).map(([logicalId, resource]) => {
      const named = [...resource.dependsOn, ...referencesOf(resource.properties).map((reference) => reference.name)]
      return [logicalId, new Set(named.filter((name) => Object.hasOwn(resources, name)))]
    }),
  )
}

/** Those in a circle: what is left when resources that wait for nothing, or that nothing waits for, are taken away. */
function circularResources(resources: Record<string, ResourceDeclaration>): string[] {
  const dependencies = dependenciesOf(resources)
  const left = new Set(dependencies.keys())
  let countBefore: number
  do {
    countBefore = left.size
    for (const name of left) {
      const waitsFor = [...(dependencies.get(name) ?? [])].some((other) => left.has(other))
      const isWaitedFor = [...left].some((other) => dependencies.get(other)?.has(name))
      if (!waitsFor || !isWaitedFor) left.delete(name)
    }
  } while (left.size < countBefore)
  return [...left]
}
