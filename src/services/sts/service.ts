/** STS: who the caller is, and temporary credentials for roles. */
import { credentialBook, issuedKeys } from '../../delivery/credentials.ts'
import { provide } from '../../delivery/singleton.ts'
import { isAccessKeyId } from '../../wire/accessKeys.ts'
import { defineService } from '../service.ts'
import { identityOperations } from './identities.ts'

export const sts = defineService('sts', {
  operations: [identityOperations],
  provides: [
    provide(credentialBook, ({ store, options }) => ({
      find: (accessKeyId) => (isAccessKeyId(accessKeyId) ? store.in(issuedKeys, options).get(accessKeyId) : undefined),
    })),
  ],
})
