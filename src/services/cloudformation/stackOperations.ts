/** Creating, updating and deleting stacks, and what is said of them beside their template: protection, policies. */
import { operations } from '../service.ts'
import { cancel, deployments } from './deployments.ts'
import { beginCreation, beginDeletion, beginUpdate, continueRollback } from './stackBeginnings.ts'
import { findStack, mustFindStack, type Stack, stacks, validationError } from './stacks.ts'

const namePattern = /^[a-zA-Z][-a-zA-Z0-9]{0,127}$/

export const stackOperations = operations('cloudformation', {
  async CreateStack(input, ctx) {
    checkName(input.StackName)
    const { StackPolicyURL, RollbackConfiguration, ResourceTypes: _, ...request } = input
    refuse({ StackPolicyURL, RollbackConfiguration: RollbackConfiguration?.RollbackTriggers?.length })
    const stack = await beginCreation(ctx, request)
    return { StackId: stack.arn }
  },

  async UpdateStack(input, ctx) {
    const stack = mustFindStack(ctx.in(stacks), input.StackName, `Stack [${input.StackName}] does not exist`)
    const { StackPolicyURL, RollbackConfiguration, StackPolicyDuringUpdateBody, StackPolicyDuringUpdateURL } = input
    refuse({
      StackPolicyURL,
      StackPolicyDuringUpdateBody,
      StackPolicyDuringUpdateURL,
      RollbackConfiguration: RollbackConfiguration?.RollbackTriggers?.length,
    })
    await beginUpdate(ctx, stack, input)
    return { StackId: stack.arn }
  },

  async DeleteStack(input, ctx) {
    const stack = findStack(ctx.in(stacks), input.StackName)
    if (!stack || stack.status === 'DELETE_COMPLETE') return {}
    if (stack.terminationProtection) {
      throw validationError(`Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`)
    }
    const spared = input.RetainResources ?? []
    if (spared.length > 0 && stack.status !== 'DELETE_FAILED') {
      throw validationError(
        `Invalid operation on stack [${stack.arn}]. When you delete a stack, specify which resources to retain only when the stack is in the DELETE_FAILED state.`,
      )
    }
    const clientToken = input.ClientRequestToken
    await beginDeletion(ctx, stack, { spared, ...(clientToken !== undefined && { clientToken }) })
    return {}
  },

  async CancelUpdateStack(input, ctx) {
    await ctx.commit((tx) => {
      const stack = mustFindStack(tx.in(stacks), input.StackName, `Stack [${input.StackName}] does not exist`)
      const deployment = tx.in(deployments).get(stack.uuid)
      if (stack.status !== 'UPDATE_IN_PROGRESS' || !deployment) {
        throw validationError(`CancelUpdateStack cannot be called from current stack status ${stack.status}`)
      }
      cancel(tx, stack, deployment, 'User Initiated')
    })
    return {}
  },

  async ContinueUpdateRollback(input, ctx) {
    await ctx.commit((tx) => {
      const stack = mustFindStack(tx.in(stacks), input.StackName, `Stack [${input.StackName}] does not exist`)
      if (stack.status !== 'UPDATE_ROLLBACK_FAILED') {
        throw validationError(`Stack:${stack.arn} is in ${stack.status} state and can not continue update rollback.`)
      }
      continueRollback(tx, stack, input.ResourcesToSkip ?? [])
    })
    return {}
  },

  async UpdateTerminationProtection(input, ctx) {
    const stack = await ctx.commit((tx) => {
      const present = mustFindStack(tx.in(stacks), input.StackName, `Stack [${input.StackName}] does not exist`)
      if (present.status === 'DELETE_COMPLETE' || present.status === 'DELETE_IN_PROGRESS') {
        throw validationError(
          `Stack [${present.name}] is in ${present.status} state; its protection cannot be changed.`,
        )
      }
      if (present.parent) {
        throw validationError('Termination protection cannot be set on a nested stack: set it on its root stack.')
      }
      const changed: Stack = { ...present, terminationProtection: input.EnableTerminationProtection }
      tx.in(stacks).put(changed)
      return changed
    })
    return { StackId: stack.arn }
  },

  async SetStackPolicy(input, ctx) {
    refuse({ StackPolicyURL: input.StackPolicyURL })
    checkPolicy(input.StackPolicyBody)
    await ctx.commit((tx) => {
      const stack = mustFindStack(tx.in(stacks), input.StackName)
      if (input.StackPolicyBody !== undefined) tx.in(stacks).put({ ...stack, policy: input.StackPolicyBody })
    })
    return {}
  },

  async GetStackPolicy(input, ctx) {
    const { policy } = mustFindStack(ctx.in(stacks), input.StackName)
    return policy === undefined ? {} : { StackPolicyBody: policy }
  },
})

export function checkName(name: string): void {
  if (namePattern.test(name)) return
  throw validationError(
    `1 validation error detected: Value '${name}' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*`,
  )
}

/** What would be silently without effect is refused by name. */
export function refuse(members: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(members)) {
    if (value) throw validationError(`${name} is not implemented by Igarapé.`)
  }
}

function checkPolicy(body: string | undefined): void {
  if (body === undefined) return
  try {
    JSON.parse(body)
  } catch {
    throw validationError('Error validating stack policy: Invalid stack policy')
  }
}
