/**
 * Messages bear a signature, as AWS's do: by a key of this server's own, whose certificate is read where the message
 * says. How a message is signed: SNS Developer Guide, "Verifying the signatures of Amazon SNS messages".
 */
import { createPrivateKey, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Platform } from '../../delivery/platform.ts'
import { singleton } from '../../delivery/singleton.ts'
import { certificateOf } from './certificates.ts'

const modulusBits = 2048
const rememberedMax = 64

export class Signer {
  private readonly platform: Platform
  private key: KeyObject | undefined
  private certificate = ''
  private readonly remembered = new Map<string, string>()

  constructor(platform: Platform) {
    this.platform = platform
  }

  get endpoint(): string {
    return this.platform.endpoint
  }

  get certificateUrl(): string {
    return `${this.endpoint}/_igarape/sns/certificate.pem`
  }

  certificatePem(): string {
    this.mustHaveKey()
    return this.certificate
  }

  /** All subscribers of a message get the same signature: it is made once. */
  sign(members: Record<string, string>, version: '1' | '2'): string {
    const names = Object.keys(members).sort()
    const text = names.map((name) => `${name}\n${members[name]}\n`).join('')
    const known = this.remembered.get(version + text)
    if (known) return known
    const signature = createSign(version === '1' ? 'RSA-SHA1' : 'RSA-SHA256')
      .update(text)
      .sign(this.mustHaveKey(), 'base64')
    if (this.remembered.size >= rememberedMax) this.remembered.clear()
    this.remembered.set(version + text, signature)
    return signature
  }

  /** Made once a data folder, so that a message kept in a queue can still be verified after a restart. */
  private mustHaveKey(): KeyObject {
    if (this.key) return this.key
    const path = join(this.platform.dataFolder, 'sns-signing-key.pem')
    this.key = readKey(path) ?? makeKey(path)
    this.certificate = certificateOf(this.key)
    return this.key
  }
}

function readKey(path: string): KeyObject | undefined {
  try {
    return createPrivateKey(readFileSync(path))
  } catch {
    return undefined
  }
}

function makeKey(path: string): KeyObject {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: modulusBits })
  writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  return privateKey
}

export const signer = singleton('sns signer', (platform) => new Signer(platform))
