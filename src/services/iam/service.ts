/** IAM: identities and their policies, kept and given back as AWS does. No request is refused for want of a permission. */
import { defineService } from '../service.ts'
import { accessKeyOperations } from './access-keys.ts'
import { groupOperations } from './groups.ts'
import { heldPolicyOperations } from './held-policies.ts'
import { instanceProfileOperations } from './instance-profiles.ts'
import { managedPolicyOperations } from './managed-policies.ts'
import { managedPolicyResource, policyResource } from './policy-resources.ts'
import { accessKeyResource, groupResource, instanceProfileResource, roleResource, userResource } from './resources.ts'
import { roleDeletionOperations } from './role-deletion.ts'
import { roleOperations } from './roles.ts'
import { userOperations } from './users.ts'

export const iam = defineService('iam', {
  operations: [
    roleOperations,
    roleDeletionOperations,
    userOperations,
    groupOperations,
    accessKeyOperations,
    managedPolicyOperations,
    heldPolicyOperations,
    instanceProfileOperations,
  ],
  resources: [
    roleResource,
    policyResource,
    managedPolicyResource,
    instanceProfileResource,
    userResource,
    groupResource,
    accessKeyResource,
  ],
})
