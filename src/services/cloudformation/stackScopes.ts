/** A stack's template as read, and the scope in which its functions are evaluated while it is deployed. */
import type { Tx } from '../../delivery/context.ts'
import { singleton } from '../../delivery/singleton.ts'
import type { Collection, Records } from '../../store/collection.ts'
import { importedValue, stackExports } from './exports.ts'
import { evaluate, type Scope } from './intrinsics.ts'
import { dependenciesOf } from './references.ts'
import { liveResources, type Output, outputsOf, scopeOf } from './scope.ts'
import { attributeOf, type StackResource, stackResources } from './stackResources.ts'
import { definitions, type Stack } from './stacks.ts'
import { parseTemplate, type Template, TemplateError } from './templates.ts'

const cachedMax = 32

/** Templates by their text: a deployment reads one at each of its steps. */
export const parsedTemplates = singleton('parsed templates', () => {
  const cache = new Map<string, ReadTemplate>()
  return {
    read(text: string): ReadTemplate {
      const found = cache.get(text) ?? readTemplate(text)
      cache.delete(text)
      cache.set(text, found)
      for (const oldest of cache.keys()) {
        if (cache.size <= cachedMax) break
        cache.delete(oldest)
      }
      return found
    },
  }
})

interface ReadTemplate {
  template: Template
  dependencies: Map<string, Set<string>>
}

function readTemplate(text: string): ReadTemplate {
  const template = parseTemplate(text)
  return { template, dependencies: dependenciesOf(template.resources) }
}

/** What both a commit and a context offer to those who only read. */
export interface StackReader {
  account: string
  region: string
  in<R>(collection: Collection<R>): Records<R>
  use: Tx['use']
}

export interface StackTemplate {
  template: Template
  scope: Scope
  /** The resources whose conditions hold. */
  live: Template['resources']
  dependencies: Map<string, Set<string>>
  /** Names of exports that were read through the scope so far. */
  imported: Set<string>
}

export function templateOf(reader: StackReader, stack: Stack): StackTemplate {
  const definition = reader.in(definitions).get(stack.uuid, 'current')
  if (!definition) throw new Error(`stack ${stack.arn} has no definition`)
  const { template, dependencies } = reader.use(parsedTemplates).read(definition.templateText)
  const resourceOf = (logicalId: string): StackResource | undefined =>
    reader.in(stackResources).get(stack.uuid, logicalId)
  const imported = new Set<string>()
  const scope = scopeOf({
    template,
    parameters: definition.parameters,
    account: reader.account,
    region: reader.region,
    stackId: stack.arn,
    stackName: stack.name,
    notificationArns: stack.notificationArns,
    idOf(logicalId) {
      const current = resourceOf(logicalId)?.current
      if (current) return current.physicalId
      throw new TemplateError(`Unresolved resource dependencies [${logicalId}] in the Resources block of the template`)
    },
    attributeOf(logicalId, name) {
      const current = resourceOf(logicalId)?.current
      const value = current && attributeOf(current, name)
      if (value !== undefined) return value
      const type = current?.type ?? template.resources[logicalId]?.type
      throw new TemplateError(
        `Template error: resource ${logicalId} does not support attribute type ${name} in Fn::GetAtt (${type})`,
      )
    },
    importValue(name) {
      imported.add(name)
      return importedValue(reader.in(stackExports), name)
    },
  })
  const live = liveResources(template, scope)
  return { template, scope, live, dependencies, imported }
}

/** Outputs, and every export that the stack uses, once all its resources are there. */
export function finalOutputs(reader: StackReader, stack: Stack): { outputs: Output[]; imported: Set<string> } {
  const { template, scope, live, imported } = templateOf(reader, stack)
  const outputs = outputsOf(template, scope)
  for (const resource of Object.values(live)) {
    if (JSON.stringify(resource.properties).includes('Fn::ImportValue')) evaluate(resource.properties, scope)
  }
  return { outputs, imported }
}
