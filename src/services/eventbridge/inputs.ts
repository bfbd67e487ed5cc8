/**
 * What a target is sent: the whole event, a part of it (InputPath), fixed JSON (Input), or a template filled with parts
 * of it (InputTransformer). Rules: EventBridge User Guide, "Amazon EventBridge input transformation".
 */
import { type JsonNode, readJson, writeJson } from '../../engines/patterns/jsonText.ts'
import { awsError } from '../../wire/errors.ts'
import { isJson } from '../json.ts'
import { InvalidPath, parsePath, valueAt } from './jsonPaths.ts'
import type { RoutedEvent } from './routing.ts'
import type { RuleTarget } from './targets.ts'

/** The rule that matched: templates may name it. */
export interface RuleRef {
  ruleArn: string
  ruleName: string
}

const placeholder = /<([^<>\s"]+)>/g
const pathsMax = 100

export function payloadFor(target: RuleTarget, event: RoutedEvent, rule: RuleRef): string {
  if (target.Input !== undefined) return target.Input
  if (target.InputPath !== undefined) {
    const found = valueAt(readJson(event.json), parsePath(target.InputPath))
    return found ? writeJson(found) : 'null'
  }
  const transformer = target.InputTransformer
  if (!transformer) return event.json
  return fill(transformer.InputTemplate ?? '', variables(transformer.InputPathsMap ?? {}, event, rule))
}

/** Errors: ValidationException, before the target is kept. */
export function checkInput({ Id, Input, InputPath, InputTransformer }: RuleTarget): void {
  const given = [Input, InputPath, InputTransformer].filter((each) => each !== undefined)
  if (given.length > 1) {
    throw invalid(`Only one of Input, InputPath, or InputTransformer must be provided for target ${Id}.`)
  }
  if (Input !== undefined && !isJson(Input)) throw invalid(`JSON syntax error in input for target ${Id}.`)
  if (InputPath !== undefined) checkPath(InputPath, `Invalid InputPath for target ${Id}.`)
  if (!InputTransformer) return
  const paths = Object.entries(InputTransformer.InputPathsMap ?? {})
  if (paths.length > pathsMax) throw invalid(`InputPathsMap for target ${Id} has more than ${pathsMax} paths.`)
  for (const [name, path] of paths) {
    if (/^AWS/i.test(name)) throw invalid(`InputPathsMap key ${name} for target ${Id} is reserved.`)
    checkPath(path, `Invalid InputPathsMap for target ${Id}: ${name}.`)
  }
  checkTemplate(Id, InputTransformer.InputTemplate ?? '', new Set(paths.map(([name]) => name)))
}

/** Errors: ValidationException with `text`. */
export function checkPath(path: string, text: string): void {
  try {
    parsePath(path)
  } catch (error) {
    if (error instanceof InvalidPath) throw invalid(text)
    throw error
  }
}

function checkTemplate(id: string, template: string, names: ReadonlySet<string>): void {
  for (const [, name = ''] of template.matchAll(placeholder)) {
    if (!names.has(name) && !reserved.has(name)) {
      throw invalid(`InputTemplate for target ${id} contains invalid placeholder ${name}.`)
    }
  }
}

const reserved = new Set([
  'aws.events.rule-arn',
  'aws.events.rule-name',
  'aws.events.event.ingestion-time',
  'aws.events.event',
  'aws.events.event.json',
])

type Variables = (name: string) => JsonNode | undefined

function variables(paths: Record<string, string>, event: RoutedEvent, rule: RuleRef): Variables {
  const root = readJson(event.json)
  return (name) => {
    const path = paths[name]
    if (path !== undefined) return valueAt(root, parsePath(path))
    return reservedValue(name, root, event, rule)
  }
}

function reservedValue(name: string, root: JsonNode, event: RoutedEvent, rule: RuleRef): JsonNode | undefined {
  switch (name) {
    case 'aws.events.rule-arn':
      return { kind: 'string', text: rule.ruleArn }
    case 'aws.events.rule-name':
      return { kind: 'string', text: rule.ruleName }
    case 'aws.events.event.ingestion-time':
      return { kind: 'string', text: new Date(event.ingestedAt).toISOString() }
    case 'aws.events.event.json':
      return root
    case 'aws.events.event':
      return root.kind === 'object'
        ? { kind: 'object', entries: root.entries.filter(([key]) => key !== 'detail') }
        : undefined
    default:
      return undefined
  }
}

/**
 * Inside a quoted text a variable becomes plain text; outside, JSON: strings bring their own quotes. A template that is
 * no JSON at all is plain text from end to end.
 */
function fill(template: string, variable: Variables): string {
  const isPlain = !/^\s*["{[<]/.test(template)
  let result = ''
  let isQuoted = false
  for (let at = 0; at < template.length; ) {
    const character = template[at] as string
    const name = character === '<' ? /^<([^<>\s"]+)>/.exec(template.slice(at, at + 300))?.[1] : undefined
    if (name !== undefined) {
      const value = variable(name)
      result += isPlain ? plainText(value) : isQuoted ? quotedText(value) : jsonText(value)
      at += name.length + 2
      continue
    }
    if (character === '\\' && isQuoted) {
      result += template.slice(at, at + 2)
      at += 2
      continue
    }
    if (character === '"') isQuoted = !isQuoted
    result += character
    at++
  }
  return result
}

/** A path that finds nothing leaves an empty text. */
function jsonText(value: JsonNode | undefined): string {
  return value ? writeJson(value) : '""'
}

function quotedText(value: JsonNode | undefined): string {
  if (!value) return ''
  // AWS takes the quotes out of objects and lists that stand inside a text.
  if (value.kind === 'object' || value.kind === 'array') return writeJson(value).replaceAll('"', '')
  return JSON.stringify(value.text).slice(1, -1)
}

function plainText(value: JsonNode | undefined): string {
  if (!value) return ''
  return value.kind === 'object' || value.kind === 'array' ? writeJson(value) : value.text
}

function invalid(text: string) {
  return awsError('ValidationException', text)
}
