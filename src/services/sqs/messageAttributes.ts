/**
 * Message attributes: their checks, their size, and the MD5 that clients compare. The digest's layout: SQS Developer
 * Guide, "Calculating the MD5 message digest for message attributes".
 */
import { createHash, hash } from 'node:crypto'
import { awsError } from '../../wire/errors.ts'

export interface MessageAttribute {
  DataType: string
  StringValue?: string
  BinaryValue?: Uint8Array
}

export const attributesMax = 10

interface Given {
  DataType: string | undefined
  StringValue?: string | undefined
  BinaryValue?: Uint8Array | undefined
}

/** Errors: InvalidParameterValue in AWS's words. */
export function readMessageAttributes(
  given: Record<string, Given> | undefined,
): Record<string, MessageAttribute> | undefined {
  const entries = Object.entries(given ?? {})
  if (entries.length === 0) return undefined
  if (entries.length > attributesMax) {
    throw invalid(`Number of message attributes [${entries.length}] exceeds the allowed maximum [${attributesMax}].`)
  }
  return Object.fromEntries(entries.map(([name, attribute]) => [name, readAttribute(name, attribute)]))
}

function readAttribute(name: string, { DataType = '', StringValue, BinaryValue }: Given): MessageAttribute {
  if (!/^[A-Za-z0-9_.-]{1,256}$/.test(name) || /^(aws|amazon)\./i.test(name) || /^\.|\.$|\.\./.test(name)) {
    throw invalid(
      `The message attribute name '${name}' is invalid. Attribute name can contain A-Z, a-z, 0-9, underscore (_), hyphen (-), and period (.) characters.`,
    )
  }
  const [kind] = DataType.split('.', 1)
  if (kind !== 'String' && kind !== 'Number' && kind !== 'Binary') {
    throw invalid(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    )
  }
  const value = kind === 'Binary' ? BinaryValue : StringValue
  if (value === undefined || value.length === 0) {
    throw invalid(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${DataType}'.`,
    )
  }
  if (kind === 'Number' && !isNumber(String(value))) {
    throw invalid(`Could not cast message attribute '${name}' value to number.`)
  }
  return kind === 'Binary' ? { DataType, BinaryValue: value as Uint8Array } : { DataType, StringValue: value as string }
}

function isNumber(text: string): boolean {
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)
}

function invalid(words: string): Error {
  return awsError('InvalidParameterValue', words)
}

/** Bytes that attributes add to a message: names, types and values. */
export function attributeBytes(attributes: Record<string, MessageAttribute> | undefined): number {
  let bytes = 0
  for (const [name, { DataType, StringValue, BinaryValue }] of Object.entries(attributes ?? {})) {
    bytes +=
      Buffer.byteLength(name) +
      Buffer.byteLength(DataType) +
      (BinaryValue?.length ?? Buffer.byteLength(StringValue ?? ''))
  }
  return bytes
}

export function md5OfAttributes(attributes: Record<string, MessageAttribute>): string {
  const digest = createHash('md5')
  const part = (bytes: Uint8Array) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    digest.update(length).update(bytes)
  }
  for (const name of Object.keys(attributes).sort()) {
    const { DataType, StringValue, BinaryValue } = attributes[name] as MessageAttribute
    part(Buffer.from(name))
    part(Buffer.from(DataType))
    digest.update(Buffer.from([BinaryValue ? 2 : 1]))
    part(BinaryValue ?? Buffer.from(StringValue ?? ''))
  }
  return digest.digest('hex')
}

export function md5Of(text: string): string {
  return hash('md5', text)
}

/** Those that a receive asks for: names, `prefix.*`, `.*` or `All`. */
export function selectAttributes(
  attributes: Record<string, MessageAttribute> | undefined,
  wanted: readonly string[],
): Record<string, MessageAttribute> | undefined {
  const isWanted = (name: string) =>
    wanted.some(
      (one) =>
        one === 'All' || one === '.*' || one === name || (one.endsWith('.*') && name.startsWith(one.slice(0, -1))),
    )
  const selected = Object.entries(attributes ?? {}).filter(([name]) => isWanted(name))
  return selected.length > 0 ? Object.fromEntries(selected) : undefined
}
