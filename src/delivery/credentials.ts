/** Who an access key belongs to. The gateway asks; whoever issues keys (iam, sts) answers. */
import { collection } from '../store/collection.ts'
import { singleton } from './singleton.ts'

export interface Credential {
  account: string
  /** The principal: a user's ARN, an assumed role's session ARN. */
  arn: string
  secretAccessKey: string
  /** Temporary credentials only. */
  sessionToken?: string
  /** Milliseconds since the epoch; temporary credentials only. */
  expiresAt?: number
}

export interface CredentialBook {
  /** What is on disk; undefined where no such key was issued. */
  find(accessKeyId: string): Credential | undefined
}

/** A key that iam or sts has issued. Its id is unique among all accounts, and tells its own. */
export interface IssuedKey extends Credential {
  accessKeyId: string
  /** As GetCallerIdentity tells it: `AROA…:session`. */
  userId: string
}

export const issuedKeys = collection<IssuedKey>('credentials/keys', {
  version: 1,
  scope: 'global',
  kept: true,
  key: (key) => [key.accessKeyId],
})

/** Provided by the sts service, for the keys of users and of assumed roles. */
export const credentialBook = singleton<CredentialBook>('credential book')
