/** How a stack's creation, update and deletion begin: the definition kept, the deployment made, its first steps due. */
import type { Context, Tx } from '../../delivery/context.ts'
import { awsErrors } from '../../wire/errors.ts'
import { sameValue } from './changes.ts'
import { cancel, type Deployment, deployments } from './deployments.ts'
import { enter } from './phases.ts'
import { readRequest, type StackRequest, type Wanted } from './stackRequests.ts'
import { parsedTemplates, type StackReader } from './stackScopes.ts'
import {
  checkUpdatable,
  definitions,
  findStack,
  isMoving,
  type ParentStep,
  type Stack,
  stackArn,
  stacks,
  validationError,
} from './stacks.ts'
import type { Json } from './templates.ts'

const { AlreadyExistsException } = awsErrors('cloudformation')

export interface CreationRequest extends StackRequest {
  StackName: string
  DisableRollback?: boolean | undefined
  OnFailure?: string | undefined
  TimeoutInMinutes?: number | undefined
  EnableTerminationProtection?: boolean | undefined
  StackPolicyBody?: string | undefined
  ClientRequestToken?: string | undefined
  parent?: ParentStep
  rootArn?: string
}

export async function beginCreation(ctx: Context, request: CreationRequest): Promise<Stack> {
  checkOnFailure(request)
  const idea = newStack(ctx, request)
  const wanted = await readRequest(ctx, idea, request)
  return await ctx.commit((tx) => {
    const present = findStack(tx.in(stacks), request.StackName)
    if (present) {
      if (request.parent && present.parent?.requestId === request.parent.requestId) return present
      throw AlreadyExistsException(`Stack [${request.StackName}] already exists`)
    }
    return startCreation(tx, idea, wanted)
  })
}

function checkOnFailure(request: CreationRequest): void {
  if (request.OnFailure !== undefined && request.DisableRollback !== undefined) {
    throw validationError('You may only specify either OnFailure or DisableRollback, but not both.')
  }
}

export function newStack(ctx: Context, request: CreationRequest): Stack {
  const uuid = ctx.random.uuid()
  return {
    name: request.StackName,
    uuid,
    arn: stackArn(ctx, request.StackName, uuid),
    status: 'CREATE_IN_PROGRESS',
    createdAt: ctx.clock.now(),
    terminationProtection: request.EnableTerminationProtection ?? false,
    onFailure: request.DisableRollback ? 'DO_NOTHING' : ((request.OnFailure as Stack['onFailure']) ?? 'ROLLBACK'),
    tags: {},
    parameters: {},
    capabilities: [],
    notificationArns: request.NotificationARNs ?? [],
    outputs: [],
    ...(request.TimeoutInMinutes !== undefined && { timeoutMinutes: request.TimeoutInMinutes }),
    ...(request.RoleARN !== undefined && { roleArn: request.RoleARN }),
    ...(request.StackPolicyBody !== undefined && { policy: request.StackPolicyBody }),
    ...(request.ClientRequestToken !== undefined && { clientToken: request.ClientRequestToken }),
    ...(request.parent && { parent: request.parent }),
    ...(request.rootArn !== undefined && { rootArn: request.rootArn }),
  }
}

export function startCreation(tx: Tx, stack: Stack, wanted: Wanted): Stack {
  define(tx, stack, wanted)
  enter(tx, stack, newDeployment(tx, stack, 'create'), 'apply', 'CREATE_IN_PROGRESS', 'User Initiated')
  return stack
}

export interface UpdateRequest extends StackRequest {
  ClientRequestToken?: string | undefined
  DisableRollback?: boolean | undefined
  parent?: ParentStep
  /** A nested stack without changes is simply done. */
  ignoresNoChange?: boolean
}

export async function beginUpdate(ctx: Context, stack: Stack, request: UpdateRequest): Promise<Stack> {
  checkUpdatable(stack)
  const wanted = await readRequest(ctx, stack, request)
  return await ctx.commit((tx) => {
    const present = tx.in(stacks).get(stack.name, stack.uuid) ?? stack
    checkUpdatable(present)
    if (request.parent) present.parent = request.parent
    if (!differs(tx, present, wanted)) {
      if (!request.ignoresNoChange) throw validationError('No updates are to be performed.')
      tx.in(stacks).put(present)
      return present
    }
    applyRequest(present, request)
    return startUpdate(tx, present, wanted)
  })
}

function applyRequest(stack: Stack, request: UpdateRequest): void {
  if (request.NotificationARNs) stack.notificationArns = request.NotificationARNs
  if (request.RoleARN !== undefined) stack.roleArn = request.RoleARN
  if (request.ClientRequestToken !== undefined) stack.clientToken = request.ClientRequestToken
  if (request.DisableRollback !== undefined) stack.onFailure = request.DisableRollback ? 'DO_NOTHING' : 'ROLLBACK'
}

/** Whether a request asks for anything that the stack is not already. */
export function differs(reader: StackReader, stack: Stack, wanted: Wanted): boolean {
  const current = reader.in(definitions).get(stack.uuid, 'current')
  if (!current) return true
  const { template } = reader.use(parsedTemplates).read(current.templateText)
  const plain = (value: object) => JSON.parse(JSON.stringify(value)) as Json
  return (
    !sameValue(plain(template), plain(wanted.template)) ||
    !sameValue(plain(current.parameters), plain(wanted.parameters)) ||
    !sameValue(plain(current.tags), plain(wanted.tags))
  )
}

export function startUpdate(tx: Tx, stack: Stack, wanted: Wanted): Stack {
  const current = tx.in(definitions).get(stack.uuid, 'current')
  if (current) tx.in(definitions).put({ ...current, which: 'before' })
  define(tx, stack, wanted)
  stack.updatedAt = tx.now
  enter(tx, stack, newDeployment(tx, stack, 'update'), 'apply', 'UPDATE_IN_PROGRESS', 'User Initiated')
  return stack
}

function define(tx: Tx, stack: Stack, wanted: Wanted): void {
  stack.parameters = wanted.parameters
  stack.tags = wanted.tags
  stack.capabilities = wanted.capabilities
  if (wanted.template.description === undefined) delete stack.description
  else stack.description = wanted.template.description
  tx.in(definitions).put({
    uuid: stack.uuid,
    which: 'current',
    templateText: wanted.templateText,
    parameters: wanted.parameters,
    tags: wanted.tags,
  })
}

function newDeployment(tx: Tx, stack: Stack, kind: Deployment['kind'], spared: string[] = []): Deployment {
  return {
    stackName: stack.name,
    stackUuid: stack.uuid,
    id: tx.random.uuid(),
    kind,
    phase: 'apply',
    startedAt: tx.now,
    steps: {},
    spared,
  }
}

export interface DeletionRequest {
  spared: string[]
  parent?: ParentStep
  clientToken?: string
}

export async function beginDeletion(ctx: Context, stack: Stack, request: DeletionRequest): Promise<void> {
  await ctx.commit((tx) => {
    const present = tx.in(stacks).get(stack.name, stack.uuid)
    if (!present || present.status === 'DELETE_COMPLETE' || present.status === 'DELETE_IN_PROGRESS') return
    if (isMoving(present) && present.status !== 'CREATE_IN_PROGRESS') {
      throw validationError(`Stack:${present.arn} is in ${present.status} state and can not be deleted.`)
    }
    if (request.parent) present.parent = request.parent
    if (request.clientToken !== undefined) present.clientToken = request.clientToken
    const running = tx.in(deployments).get(present.uuid)
    if (running && present.status === 'CREATE_IN_PROGRESS') {
      cancel(tx, present, { ...running, spared: request.spared, isDeletedNext: true }, 'Resource creation cancelled')
      return
    }
    const deployment = newDeployment(tx, present, 'delete', request.spared)
    enter(tx, present, deployment, 'remove', 'DELETE_IN_PROGRESS', 'User Initiated')
  })
}

/** Goes on with a rollback that had failed, without the resources that the caller wants skipped. */
export function continueRollback(tx: Tx, stack: Stack, skipped: string[]): void {
  enter(
    tx,
    stack,
    newDeployment(tx, stack, 'update', skipped),
    'restore',
    'UPDATE_ROLLBACK_IN_PROGRESS',
    'User Initiated',
  )
}
