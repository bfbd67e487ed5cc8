/**
 * Where an item lies. A key value becomes text whose order is the order of the values: UTF-8 strings as they are, numbers
 * by numbers.ts, bytes in an alphabet of 64 ASCII characters in order (a third longer; the store's keys stop at 1,978 bytes).
 * Items of different partitions have no order among each other, so a long partition key is its hash.
 */
import { createHash } from 'node:crypto'
import { orderedNumber } from './numbers.ts'
import { type Item, invalid, typeOf, type Value } from './values.ts'

export interface KeyAttribute {
  name: string
  type: 'S' | 'N' | 'B'
}

export interface KeySchema {
  partition: KeyAttribute
  sort?: KeyAttribute
}

const partitionBytesMax = 2048
const sortBytesMax = 1024
const plainPartitionMax = 200
/** Beside a sort key of the greatest size, an index's id and the names before them. */
const plainPartitionBytesMax = 280
/** A sort key of zero characters costs two bytes each in the store. */
const storedSortBytesMax = 1500
const ordered = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz'
const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const orderedOf = new Map([...base64].map((character, at) => [character, ordered[at] as string]))

export interface Place {
  partition: string
  sort: string
}

export function placeOf(item: Item, { partition, sort }: KeySchema): Place {
  return {
    partition: partitionText(item[partition.name] as Value),
    sort: sort ? sortText(item[sort.name] as Value) : '',
  }
}

export function partitionText(value: Value): string {
  const text = orderedText(value)
  const isShort = text.length <= plainPartitionMax && Buffer.byteLength(text) <= plainPartitionBytesMax
  return isShort ? ` ${text}` : `#${hashOf(text)}`
}

export function sortText(value: Value): string {
  const text = orderedText(value)
  if (text.length * 2 > storedSortBytesMax && Buffer.byteLength(text) + text.split('\0').length > storedSortBytesMax) {
    throw invalid('A sort key with so many zero characters is not supported here.')
  }
  return text
}

/** How the text of every value begins that begins with these bytes. */
export function sortStart(value: Value): string {
  if (value.B) return orderedBytes(value.B).slice(0, Math.floor((value.B.byteLength * 8) / 6))
  return value.S as string
}

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

function orderedText(value: Value): string {
  if (value.S !== undefined) return value.S
  return value.N !== undefined ? orderedNumber(value.N) : orderedBytes(value.B as Uint8Array)
}

function orderedBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('base64url')
    .replace(/./g, (character) => orderedOf.get(character) as string)
}

export function attributesOf({ partition, sort }: KeySchema): KeyAttribute[] {
  return sort ? [partition, sort] : [partition]
}

export function keyOf(item: Item, ...schemas: readonly KeySchema[]): Item {
  const key: Item = {}
  for (const { name } of schemas.flatMap(attributesOf)) if (item[name]) key[name] = item[name]
  return key
}

/** Checks that an item to put has the table's key. */
export function checkItemKey(item: Item, schema: KeySchema): void {
  for (const { name, type } of attributesOf(schema)) {
    const value = item[name]
    if (!value) throw invalid(`One or more parameter values were invalid: Missing the key ${name} in the item`)
    const actual = typeOf(value)
    if (actual !== type) {
      throw invalid(
        `One or more parameter values were invalid: Type mismatch for key ${name} expected: ${type} actual: ${actual}`,
      )
    }
  }
  checkKeyValues(item, schema)
}

/** Checks a key that stands alone: these attributes and no other. */
export function checkKey(key: Item, schema: KeySchema): void {
  const attributes = attributesOf(schema)
  const fits = attributes.every(({ name, type }) => key[name] && typeOf(key[name]) === type)
  if (!fits || Object.keys(key).length !== attributes.length) {
    throw invalid('The provided key element does not match the schema')
  }
  checkKeyValues(key, schema)
}

function checkKeyValues(item: Item, schema: KeySchema): void {
  for (const { name } of attributesOf(schema)) {
    const value = item[name] as Value
    const size = value.N === undefined ? Buffer.byteLength(value.S ?? (value.B as Uint8Array)) : 1
    if (size === 0) {
      throw invalid(
        `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${value.S === undefined ? 'binary' : 'string'} value. Key: ${name}`,
      )
    }
    if (name === schema.partition.name && size > partitionBytesMax) {
      throw invalid(
        'One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes',
      )
    }
    if (name !== schema.partition.name && size > sortBytesMax) {
      throw invalid(
        'One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 bytes',
      )
    }
  }
}
