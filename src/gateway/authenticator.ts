/** Whose request it is, and, with `--auth sigv4`, whether the signature proves it. */
import { createHash } from 'node:crypto'
import { type CredentialBook, credentialBook } from '../delivery/credentials.ts'
import type { Platform } from '../delivery/platform.ts'
import { demandsSignatures } from '../options.ts'
import type { DecodeOptions } from '../wire/decode.ts'
import { collectBody, type WireRequest } from '../wire/request.ts'
import { credentialOf, verifySignature } from '../wire/sigv4.ts'

const twelveDigits = /^\d{12}$/
const unverified: DecodeOptions = {}

export class Authenticator {
  readonly #platform: Platform
  readonly #book: CredentialBook | undefined
  readonly #demanded: boolean

  constructor(platform: Platform) {
    this.#platform = platform
    this.#book = platform.has(credentialBook) ? platform.use(credentialBook) : undefined
    this.#demanded = demandsSignatures(platform.options)
  }

  /**
   * What `decode` needs to check the chunks of a signed stream. A body that is not streamed is read and hashed here,
   * because SDKs leave its hash out of the request. Errors: AWS's, where signatures are demanded and this one fails.
   */
  authenticate(request: WireRequest): DecodeOptions | Promise<DecodeOptions> {
    return this.#demanded ? this.#verified(request) : unverified
  }

  async #verified(request: WireRequest): Promise<DecodeOptions> {
    if (credentialOf(request)?.service !== 's3') {
      request.body = await collectBody(request.body, this.#platform.options.bodyBytesMax)
    }
    const { verifyChunk } = verifySignature(request, {
      secretOf: (accessKeyId) => this.#secretOf(accessKeyId, request.headers['x-amz-security-token']),
      now: this.#platform.clock.now(),
      ...(request.body instanceof Uint8Array && { bodySha256: sha256(request.body) }),
    })
    return { verifyChunk }
  }

  accountOf(accessKeyId: string | undefined): string {
    const known = accessKeyId ? this.#book?.find(accessKeyId)?.account : undefined
    return known ?? this.#platform.options.account
  }

  arnOf(accessKeyId: string | undefined, account: string): string {
    const known = accessKeyId && !twelveDigits.test(accessKeyId) ? this.#book?.find(accessKeyId)?.arn : undefined
    return known ?? `arn:aws:iam::${account}:root`
  }

  #secretOf(accessKeyId: string, sessionToken: string | undefined): string | undefined {
    const { accessKey, secretKey } = this.#platform.options
    if (accessKeyId === accessKey) return secretKey
    const issued = this.#book?.find(accessKeyId)
    if (!issued || (issued.expiresAt ?? Number.POSITIVE_INFINITY) <= this.#platform.clock.now()) return undefined
    if (issued.sessionToken !== undefined && issued.sessionToken !== sessionToken) return undefined
    return issued.secretAccessKey
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
