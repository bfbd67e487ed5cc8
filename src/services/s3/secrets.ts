/** Whose secret signed a form, where the server demands signatures. */
import { type CredentialBook, credentialBook } from '../../delivery/credentials.ts'
import type { Platform } from '../../delivery/platform.ts'
import { singleton } from '../../delivery/singleton.ts'

const loopback = /^(127\.|::1$|localhost$)/

/** By the same rule as the gateway's for signed requests: on request, or when the port is open to others. */
export class FormSecrets {
  readonly demanded: boolean
  readonly #platform: Platform
  readonly #book: CredentialBook | undefined

  constructor(platform: Platform) {
    const { auth, host } = platform.options
    this.#platform = platform
    this.#book = platform.has(credentialBook) ? platform.use(credentialBook) : undefined
    this.demanded = auth === 'sigv4' || (auth === '' && !loopback.test(host))
  }

  of(accessKeyId: string, sessionToken: string | undefined): string | undefined {
    const { options, clock } = this.#platform
    if (accessKeyId === options.accessKey) return options.secretKey
    const issued = this.#book?.find(accessKeyId)
    if (!issued || (issued.expiresAt ?? Number.POSITIVE_INFINITY) <= clock.now()) return undefined
    if (issued.sessionToken !== undefined && issued.sessionToken !== sessionToken) return undefined
    return issued.secretAccessKey
  }
}

export const formSecrets = singleton('form secrets', (platform) => new FormSecrets(platform))
