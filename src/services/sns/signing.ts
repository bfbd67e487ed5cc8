/**
 * Messages bear a signature, as AWS's do: by a key of this server's own, whose certificate is read where the message
 * says. How a message is signed: SNS Developer Guide, "Verifying the signatures of Amazon SNS messages".
 */
import { createPrivateKey, createSign, generateKeyPair, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Platform } from '../../delivery/platform.ts'
import { singleton } from '../../delivery/singleton.ts'
import { certificateOf } from './certificates.ts'

const modulusBits = 2048
const rememberedMax = 64

export class Signer {
  private readonly platform: Platform
  private key: KeyObject | undefined
  private certificate = ''
  private preparing: Promise<void> | undefined
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

  /** Makes the key aside, when the first topic is made: the commit that signs first would wait a tenth of a second for it. */
  prepare(): void {
    if (this.key || this.preparing) return
    const known = readKey(this.keyPath)
    if (known) this.take(known)
    else
      this.preparing = promisify(generateKeyPair)('rsa', { modulusLength: modulusBits }).then(({ privateKey }) => {
        if (!this.key) this.take(kept(privateKey, this.keyPath))
      })
  }

  async close(): Promise<void> {
    await this.preparing
  }

  /** Made once a data folder, so that a message kept in a queue can still be verified after a restart. */
  private mustHaveKey(): KeyObject {
    return this.key ?? this.take(readKey(this.keyPath) ?? makeKey(this.keyPath))
  }

  private take(key: KeyObject): KeyObject {
    this.key = key
    this.certificate = certificateOf(key)
    return key
  }

  private get keyPath(): string {
    return join(this.platform.dataFolder, 'sns-signing-key.pem')
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
  return kept(generateKeyPairSync('rsa', { modulusLength: modulusBits }).privateKey, path)
}

function kept(key: KeyObject, path: string): KeyObject {
  writeFileSync(path, key.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  return key
}

export const signer = singleton('sns signer', (platform) => new Signer(platform))
