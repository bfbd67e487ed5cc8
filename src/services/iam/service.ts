/** IAM: identities and their policies, kept and given back as AWS does. No request is refused for want of a permission. */
import { defineService } from '../service.ts'
import { accessKeyOperations } from './accessKeys.ts'
import { groupOperations } from './groups.ts'
import { heldPolicyOperations } from './heldPolicies.ts'
import { instanceProfileOperations } from './instanceProfiles.ts'
import { managedPolicyOperations } from './managedPolicies.ts'
import { managedPolicyResource, policyResource } from './policyResources.ts'
import { accessKeyResource, groupResource, instanceProfileResource, roleResource, userResource } from './resources.ts'
import { roleDeletionOperations } from './roleDeletion.ts'
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
