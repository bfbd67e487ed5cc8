/** A role is deleted only when nothing hangs on it: no policies, no instance profile. */
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { instanceProfiles } from './instanceProfiles.ts'
import { checkEmpty } from './policyHolder.ts'
import { roleNotFound, roles } from './roles.ts'

const { DeleteConflictException } = awsErrors('iam')

export const roleDeletionOperations = operations('iam', {
  async DeleteRole(input, ctx) {
    const name = input.RoleName
    await ctx.commit((tx) => {
      const role = tx.in(roles).get(name)
      if (!role) throw roleNotFound(name)
      for (const profile of tx.in(instanceProfiles).list()) {
        if (profile.roleName === name) {
          throw DeleteConflictException('Cannot delete entity, must remove roles from instance profile first.')
        }
      }
      checkEmpty(role)
      tx.in(roles).delete(name)
    })
    return {}
  },
})
