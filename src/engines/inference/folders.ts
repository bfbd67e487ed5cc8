/**
 * Which folders are tables and which are partitions of one. A folder is a table if all files below it lie equally deep
 * and most of the folders at each level have similar schemas (Glue guide, "How does a crawler determine when to create
 * partitions?"); the folders between are its partitions, by `name=value` or as `partition_0`.
 */
import type { FileSchema } from './fileSchema.ts'
import { hiveText, type InferredColumn, type InferredType } from './inferredTypes.ts'
import { isSimilar, mergedSchema } from './similarity.ts'

export interface CrawledFile {
  key: string
  bytes: number
  schema: FileSchema
}

export interface FoundPartition {
  values: string[]
  /** The folder's key, with `/` at its end. */
  prefix: string
  schema: FileSchema
  bytes: number
  objects: number
}

export interface FoundTable {
  /** The folder's key with `/` at its end, or a file's key. */
  prefix: string
  /** What the name is made of: the folder's, or the file's. Empty: the bucket's. */
  name: string
  keys: string[]
  partitions: FoundPartition[]
  schema: FileSchema
  bytes: number
  objects: number
}

export interface GroupingRules {
  /** TableGroupingPolicy CombineCompatibleSchemas: one table for each format, however different the columns are. */
  combines: boolean
  /** TableLevelConfiguration: tables lie at this level, of which the bucket is the first. */
  level?: number
}

/** So many of a level's folders must have similar schemas. */
const similarShareMin = 0.7

interface Folder {
  prefix: string
  name: string
  files: CrawledFile[]
  children: Map<string, Folder>
}

export function tablesAmong(files: readonly CrawledFile[], includePrefix: string, rules: GroupingRules): FoundTable[] {
  const root = treeOf(withSharedColumns(files), includePrefix)
  if (rules.level !== undefined) return tablesAtLevel(root, rules)
  return tablesIn(root, rules)
}

/** Files of equal columns share one list of them, which is told apart and merged at no cost. */
function withSharedColumns(files: readonly CrawledFile[]): CrawledFile[] {
  const known = new Map<string, InferredColumn[]>()
  return files.map((file) => {
    const { columns } = file.schema
    const text = columns.map(({ name, type }) => `${name} ${hiveText(type)}${isOpen(type) ? '?' : ''}`).join('\n')
    const shared = known.get(text) ?? columns
    known.set(text, shared)
    return { ...file, schema: { ...file.schema, columns: shared } }
  })
}

/** A type that has something unknown in it is not the text that it would be written as. */
function isOpen(type: InferredType): boolean {
  if (type.kind === 'struct') return type.fields.some((field) => isOpen(field.type))
  if (type.kind === 'array') return isOpen(type.element)
  if (type.kind === 'map') return isOpen(type.key) || isOpen(type.value)
  return type.kind === 'unknown'
}

function treeOf(files: readonly CrawledFile[], prefix: string): Folder {
  const root = folderAt(prefix)
  for (const file of files) {
    const parts = file.key.slice(prefix.length).split('/').slice(0, -1)
    let folder = root
    for (const part of parts) {
      const child = folder.children.get(part) ?? folderAt(`${folder.prefix}${part}/`)
      folder.children.set(part, child)
      folder = child
    }
    folder.files.push(file)
  }
  return root
}

function folderAt(prefix: string): Folder {
  const name = prefix.split('/').at(-2) ?? ''
  return { prefix, name, files: [], children: new Map() }
}

function tablesAtLevel(root: Folder, rules: GroupingRules): FoundTable[] {
  const depth = (folder: Folder) => folder.prefix.split('/').length
  const gather = (folder: Folder): Folder[] =>
    depth(folder) >= (rules.level ?? 1) ? [folder] : [...folder.children.values()].flatMap(gather)
  return gather(root).flatMap((folder) => {
    const levels = leavesOf(folder).map(({ path }) => path.length)
    return levels.length === 0 ? [] : [tableAt(folder, Math.max(...levels))]
  })
}

function tablesIn(folder: Folder, rules: GroupingRules): FoundTable[] {
  const [only, ...others] = folder.children.values()
  const isPassage = folder.files.length === 0 && only && others.length === 0 && !only.name.includes('=')
  if (isPassage) return tablesIn(only, rules)
  const depth = evenDepth(folder)
  if (depth !== undefined && isUniform(folder, rules)) return [tableAt(folder, depth)]
  return [...tablesOfFiles(folder, rules), ...[...folder.children.values()].flatMap((child) => tablesIn(child, rules))]
}

/** How many folders lie between this one and every file; undefined where that differs. */
function evenDepth(folder: Folder): number | undefined {
  const depths = new Set(leavesOf(folder).map(({ path }) => path.length))
  return depths.size === 1 ? [...depths][0] : undefined
}

interface Leaf {
  folder: Folder
  path: string[]
}

function leavesOf(folder: Folder, path: string[] = []): Leaf[] {
  const deeper = [...folder.children.values()].flatMap((child) => leavesOf(child, [...path, child.name]))
  return folder.files.length > 0 ? [{ folder, path }, ...deeper] : deeper
}

function isUniform(folder: Folder, rules: GroupingRules): boolean {
  if (folder.files.length > 0) return clustersOf(folder.files, rules).length === 1
  const children = [...folder.children.values()]
  if (!children.every((child) => isUniform(child, rules))) return false
  const schemas = children.map(schemaOf)
  const most = Math.max(
    ...schemas.map((one) => schemas.filter((other) => isSimilar(one, other, rules.combines)).length),
  )
  const sameFormat = schemas.every(({ classification }) => classification === schemas[0]?.classification)
  return sameFormat && most >= schemas.length * similarShareMin
}

function schemaOf(folder: Folder): FileSchema {
  return mergedSchema(leavesOf(folder).flatMap((leaf) => leaf.folder.files.map((file) => file.schema)))
}

/** Files of one folder whose schemas are similar, each with the first of its cluster. */
function clustersOf(files: readonly CrawledFile[], rules: GroupingRules): CrawledFile[][] {
  const clusters: CrawledFile[][] = []
  for (const file of files) {
    const cluster = clusters.find(([first]) => isSimilar((first as CrawledFile).schema, file.schema, rules.combines))
    if (cluster) cluster.push(file)
    else clusters.push([file])
  }
  return clusters
}

/** Files of one folder that differ are tables each, as a table's location cannot be some of a folder's files. */
function tablesOfFiles(folder: Folder, rules: GroupingRules): FoundTable[] {
  if (folder.files.length === 0) return []
  if (clustersOf(folder.files, rules).length === 1 && folder.children.size === 0) return [tableAt(folder, 0)]
  return folder.files.map(({ key, bytes, schema }) => ({
    prefix: key,
    name: key.slice(key.lastIndexOf('/') + 1),
    keys: [],
    partitions: [],
    schema,
    bytes,
    objects: 1,
  }))
}

function tableAt(folder: Folder, depth: number): FoundTable {
  const leaves = leavesOf(folder).filter(({ path }) => path.length === depth)
  const files = leaves.flatMap((leaf) => leaf.folder.files)
  const schema = mergedSchema(files.map((file) => file.schema))
  const table = { prefix: folder.prefix, name: folder.name, schema, ...measured(files) }
  if (depth === 0) return { ...table, keys: [], partitions: [] }
  const partitions = leaves.map(({ folder: leaf, path }) => ({
    values: path.map(partitionValue),
    prefix: leaf.prefix,
    schema: mergedSchema(leaf.files.map((file) => file.schema)),
    ...measured(leaf.files),
  }))
  return { ...table, keys: keysOf(leaves, depth, schema), partitions }
}

function measured(files: readonly CrawledFile[]): { bytes: number; objects: number } {
  return { bytes: files.reduce((sum, file) => sum + file.bytes, 0), objects: files.length }
}

/** A level has a name if all its folders say the same one, and no column has it. */
function keysOf(leaves: readonly Leaf[], depth: number, schema: FileSchema): string[] {
  return Array.from({ length: depth }, (_, level) => {
    const names = new Set(leaves.map(({ path }) => nameOf(path[level] as string)))
    const [name] = names
    const isTaken = schema.columns.some((column) => column.name === name)
    return names.size === 1 && name && !isTaken ? name : `partition_${level}`
  })
}

function nameOf(folder: string): string | undefined {
  const at = folder.indexOf('=')
  return at > 0 ? folder.slice(0, at).toLowerCase() : undefined
}

function partitionValue(folder: string): string {
  const at = folder.indexOf('=')
  if (at <= 0) return folder
  try {
    return decodeURIComponent(folder.slice(at + 1))
  } catch {
    return folder.slice(at + 1)
  }
}
