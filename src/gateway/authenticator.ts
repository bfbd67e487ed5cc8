/** Whose request it is, and, with `--auth sigv4`, whether the signature proves it. */
import { type CredentialBook, credentialBook } from '../delivery/credentials.ts'
import type { Platform } from '../delivery/platform.ts'
import type { ChunkVerifier } from '../wire/bodyStream.ts'
import type { WireRequest } from '../wire/request.ts'
import { verifySignature } from '../wire/sigv4.ts'

const loopback = /^(127\.|::1$|localhost$)/
const twelveDigits = /^\d{12}$/

export class Authenticator {
  readonly #platform: Platform
  readonly #book: CredentialBook | undefined
  readonly #demanded: boolean

  constructor(platform: Platform) {
    const { auth, host } = platform.options
    this.#platform = platform
    this.#book = platform.has(credentialBook) ? platform.use(credentialBook) : undefined
    this.#demanded = auth === 'sigv4' || (auth === '' && !loopback.test(host))
  }

  /** Errors: AWS's, where signatures are demanded and this one does not hold. */
  async authenticate(request: WireRequest): Promise<ChunkVerifier | undefined> {
    if (!this.#demanded) return undefined
    const { chunkVerifier } = await verifySignature(request, {
      secretOf: (accessKeyId) => this.#secretOf(accessKeyId),
      now: this.#platform.clock.now(),
    })
    return chunkVerifier
  }

  accountOf(accessKeyId: string | undefined): string {
    const known = accessKeyId ? this.#book?.find(accessKeyId)?.account : undefined
    return known ?? this.#platform.options.account
  }

  arnOf(accessKeyId: string | undefined, account: string): string {
    const known = accessKeyId && !twelveDigits.test(accessKeyId) ? this.#book?.find(accessKeyId)?.arn : undefined
    return known ?? `arn:aws:iam::${account}:root`
  }

  #secretOf(accessKeyId: string): { secret: string; sessionToken?: string } | undefined {
    const { accessKey, secretKey } = this.#platform.options
    if (accessKeyId === accessKey) return { secret: secretKey }
    const issued = this.#book?.find(accessKeyId)
    if (!issued || (issued.expiresAt ?? Number.POSITIVE_INFINITY) <= this.#platform.clock.now()) return undefined
    return { secret: issued.secretAccessKey, ...(issued.sessionToken && { sessionToken: issued.sessionToken }) }
  }
}
