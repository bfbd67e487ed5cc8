/** A self-signed X.509 certificate around a key (RFC 5280, in DER): Node.js reads such, but cannot make them. */
import { createPublicKey, createSign, type KeyObject } from 'node:crypto'

const sha256WithRsa = Buffer.from('2a864886f70d01010b', 'hex')
const commonNameId = Buffer.from('550403', 'hex')
const subjectName = 'sns.igarape.invalid'
const notBefore = '20200101000000Z'
const notAfter = '20991231235959Z'

export function certificateOf(key: KeyObject, commonName = subjectName): string {
  const algorithm = sequence(element(0x06, sha256WithRsa), element(0x05, Buffer.alloc(0)))
  const name = sequence(element(0x31, sequence(element(0x06, commonNameId), element(0x0c, Buffer.from(commonName)))))
  const validity = sequence(element(0x18, Buffer.from(notBefore)), element(0x18, Buffer.from(notAfter)))
  const version = element(0xa0, element(0x02, Buffer.of(2)))
  const serial = element(0x02, Buffer.of(1))
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' })
  const content = sequence(version, serial, algorithm, name, validity, name, publicKey)
  const signature = createSign('RSA-SHA256').update(content).sign(key)
  const certificate = sequence(content, algorithm, element(0x03, Buffer.concat([Buffer.of(0), signature])))
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function sequence(...parts: Uint8Array[]): Buffer {
  return element(0x30, Buffer.concat(parts))
}

function element(tag: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(tag), lengthOf(content.length), content])
}

function lengthOf(size: number): Buffer {
  if (size < 0x80) return Buffer.of(size)
  const hex = size.toString(16)
  const bytes = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex')
  return Buffer.concat([Buffer.of(0x80 | bytes.length), bytes])
}
