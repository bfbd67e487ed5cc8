/**
 * The query protocol's parameters to a handler's input: `Attribute.1.Name=…`, `Tags.member.2.Value=…`. Clients may
 * leave gaps in the numbers, so the indexes that are there are collected and sorted; their order is what counts.
 */
import type { Member, Shape } from './model.ts'
import { decodeText } from './xml.ts'

/** The parameters as a tree of their dotted names. */
export interface ParameterTree {
  value?: string
  children?: Map<string, ParameterTree>
}

const depthMax = 64

export function parameterTree(parameters: Map<string, string[]>): ParameterTree {
  const root: ParameterTree = {}
  for (const [name, values] of parameters) {
    let node = root
    for (const part of name.split('.', depthMax)) {
      node.children ??= new Map()
      let child = node.children.get(part)
      if (!child) {
        child = {}
        node.children.set(part, child)
      }
      node = child
    }
    node.value = values[0] ?? ''
  }
  return root
}

export function decodeParameters(shape: Shape, tree: ParameterTree): Record<string, unknown> {
  const decoded: Record<string, unknown> = {}
  for (const member of shape.members) {
    const value = decodeMember(member, tree)
    if (value !== undefined) decoded[member.name] = value
  }
  return decoded
}

function decodeMember(member: Member, tree: ParameterTree): unknown {
  const { shape, traits } = member
  const isFlat = traits.flattened && (shape.type === 'list' || shape.type === 'map')
  const names = [traits.xmlName ?? member.name, member.name]
  if (isFlat && shape.type === 'list') names.unshift(shape.member!.traits.xmlName ?? names[0]!)
  for (const name of names) {
    const node = tree.children?.get(name)
    const value = node && decodeNode(shape, node)
    if (value !== undefined) return value
  }
  return undefined
}

function decodeNode(shape: Shape, node: ParameterTree): unknown {
  switch (shape.type) {
    case 'structure':
    case 'union':
      return node.children ? decodeParameters(shape, node) : node.value === '' ? {} : undefined
    case 'list':
      return decodeList(shape, node)
    case 'map':
      return decodeMap(shape, node)
    default:
      return node.value === undefined ? undefined : decodeText(shape, node.value)
  }
}

/** `Name.member.1`, `Name.Item.1` (a list's own item name) and `Name.1` are all understood, as AWS does. */
function decodeList(shape: Shape, node: ParameterTree): unknown {
  if (!node.children) return node.value === '' ? [] : undefined
  const item = shape.member!.shape
  return numbered(node, [shape.member!.traits.xmlName ?? 'member', 'member'])
    .map((entry) => decodeNode(item, entry))
    .filter((value) => value !== undefined)
}

function decodeMap(shape: Shape, node: ParameterTree): unknown {
  if (!node.children) return node.value === '' ? {} : undefined
  const keyName = shape.key!.traits.xmlName ?? 'key'
  const valueName = shape.value!.traits.xmlName ?? 'value'
  const pairs: [string, unknown][] = []
  for (const entry of numbered(node, ['entry'])) {
    const key = entry.children?.get(keyName)?.value
    const value = entry.children?.get(valueName)
    if (key !== undefined) pairs.push([key, value ? decodeNode(shape.value!.shape, value) : ''])
  }
  return Object.fromEntries(pairs)
}

function numbered(node: ParameterTree, between: string[]): ParameterTree[] {
  const named = between.map((name) => node.children!.get(name)).find((child) => child?.children)
  const children = named?.children ?? node.children!
  return [...children]
    .filter(([index]) => /^\d+$/.test(index))
    .sort(([left], [right]) => Number(left) - Number(right))
    .map(([, child]) => child)
}
