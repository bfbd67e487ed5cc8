/**
 * The two notations of a template. YAML's short forms (`!Ref`, `!GetAtt a.b`) become the long ones here, so that
 * nothing else knows them. CloudFormation reads YAML 1.1 (`yes` is true) without timestamps, aliases and merges.
 */
import { type CollectionTag, LineCounter, Pair, parseDocument, Scalar, type ScalarTag, visit, YAMLMap } from 'yaml'
import { type Json, TemplateError } from './templates.ts'

export function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch (error) {
    const position = /position (\d+)/.exec((error as Error).message)?.[1]
    const before = text.slice(0, position === undefined ? text.length : Number(position))
    const line = before.split('\n').length
    const column = before.length - before.lastIndexOf('\n')
    throw new TemplateError(`Template format error: JSON not well-formed. (line ${line}, column ${column})`)
  }
}

export function parseYaml(text: string): Json {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    schema: 'yaml-1.1',
    merge: false,
    lineCounter: lines,
    customTags: (tags) => [
      ...tags.filter((tag) => typeof tag === 'string' || !unsupportedTags.has(tag.tag)).filter(isNoClockTime),
      ...shortForms,
    ],
  })
  const fault = document.errors[0] ?? document.warnings[0]
  if (fault) {
    const { line, col } = lines.linePos(fault.pos[0])
    throw new TemplateError(`Template format error: YAML not well-formed. (line ${line}, column ${col})`)
  }
  visit(document, {
    Alias() {
      throw new TemplateError('Template error: YAML aliases are not allowed in CloudFormation templates')
    },
  })
  return document.toJS() as Json
}

const unsupportedTags = new Set(
  ['binary', 'omap', 'pairs', 'set', 'timestamp', 'merge'].map((name) => `tag:yaml.org,2002:${name}`),
)

// YAML 1.1 reads 22:22 as a number of base sixty; port mappings in templates are meant as text.
function isNoClockTime(tag: unknown): boolean {
  return !(typeof tag === 'object' && tag !== null && 'format' in tag && tag.format === 'TIME')
}

const functionNames =
  'And Base64 Cidr Equals FindInMap GetAtt GetAZs If ImportValue Join Not Or Select Split Sub Transform Length ToJsonString'.split(
    ' ',
  )

const shortForms: (ScalarTag | CollectionTag)[] = [
  ...functionNames.flatMap((name) => shortForm(`!${name}`, `Fn::${name}`)),
  ...shortForm('!Ref', 'Ref'),
  ...shortForm('!Condition', 'Condition'),
]

function shortForm(tag: string, longName: string): (ScalarTag | CollectionTag)[] {
  return [
    { tag, resolve: (text) => new Scalar({ [longName]: longName === 'Fn::GetAtt' ? attributePath(text) : text }) },
    { tag, collection: 'seq', resolve: (items) => wrapped(longName, items) },
    { tag, collection: 'map', resolve: (map) => wrapped(longName, map) },
  ]
}

function wrapped(longName: string, value: object): YAMLMap {
  delete (value as { tag?: string }).tag
  const call = new YAMLMap()
  call.items.push(new Pair(new Scalar(longName), value))
  return call
}

/** `Resource.Attribute.Part` names the attribute `Attribute.Part`. */
export function attributePath(text: string): Json {
  const dot = text.indexOf('.')
  return dot < 0 ? text : [text.slice(0, dot), text.slice(dot + 1)]
}
