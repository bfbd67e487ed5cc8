/** What a bucket and a key may be called. https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
import { createHash } from 'node:crypto'
import { InvalidArgument, InvalidBucketName, KeyTooLong, keyBytesMax } from './errors.ts'

const bucketShape = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/
const address = /^\d{1,3}(\.\d{1,3}){3}$/
const reservedStart = /^(xn--|sthree-|amzn-s3-demo-)/
const reservedEnd = /(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/

/** For new buckets; `amzn-s3-demo-` is reserved for documentation, and is let through because examples are copied. */
export function checkBucketName(name: string): void {
  const reserved = (reservedStart.test(name) && !name.startsWith('amzn-s3-demo-')) || reservedEnd.test(name)
  if (!bucketShape.test(name) || name.includes('..') || address.test(name) || reserved) throw InvalidBucketName(name)
}

export function checkKey(key: string): void {
  const bytes = Buffer.byteLength(key)
  if (bytes > keyBytesMax) throw KeyTooLong(key, bytes)
  if (bytes === 0) throw InvalidArgument('Key must not be empty.', 'Key', key)
}

/** S3 names an owner by a canonical id of 64 hexadecimal digits: here it follows from the account. */
export function ownerOf(account: string): { ID: string; DisplayName: string } {
  return { ID: createHash('sha256').update(`igarape/${account}`).digest('hex'), DisplayName: account }
}

/** The short id by which classic notifications name users. */
export function principalOf(account: string): string {
  return `A${createHash('sha256').update(`igarape/${account}`).digest('hex').slice(0, 13).toUpperCase()}`
}

export function bucketArn(bucket: string): string {
  return `arn:aws:s3:::${bucket}`
}

/** As `encoding-type=url` answers, and as classic notifications write keys: form encoding with the slash left alone. */
export function formEncoded(text: string, plain = '/'): string {
  return encodeURIComponent(text)
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
    .replaceAll('%2F', plain)
}
