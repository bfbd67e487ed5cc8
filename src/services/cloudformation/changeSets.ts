/**
 * Change sets: what a template would change, kept until it is executed. A change set of type CREATE makes the stack
 * itself first, in review, with nothing in it.
 */
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { collection, type Records } from '../../store/collection.ts'
import { AwsError, awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { changeSetOutput } from './changeSetDescriptions.ts'
import type { ResourceChange } from './changes.ts'
import { plannedChanges } from './plannedChanges.ts'
import { differs, newStack, startCreation, startUpdate } from './stackBeginnings.ts'
import { noteStack } from './stackEvents.ts'
import { checkName, refuse } from './stackOperations.ts'
import { readRequest, type StackRequest, type Wanted } from './stackRequests.ts'
import { parsedTemplates } from './stackScopes.ts'
import { checkUpdatable, findStack, mustFindStack, type Stack, stacks, validationError } from './stacks.ts'

const { AlreadyExistsException, ChangeSetNotFoundException, InvalidChangeSetStatusException } =
  awsErrors('cloudformation')

export interface ChangeSet {
  id: string
  name: string
  stackName: string
  stackUuid: string
  kind: 'CREATE' | 'UPDATE'
  status: 'CREATE_COMPLETE' | 'FAILED'
  executionStatus: 'AVAILABLE' | 'UNAVAILABLE' | 'EXECUTE_COMPLETE' | 'OBSOLETE'
  reason?: string
  description?: string
  createdAt: Millis
  onStackFailure?: string
  changes: ResourceChange[]
  wanted?: Omit<Wanted, 'template'>
  notificationArns: string[]
}

export const changeSets = collection<ChangeSet>('cloudformation/change-sets', {
  version: 1,
  key: (changeSet) => [changeSet.stackUuid, changeSet.name],
})

const noChanges =
  "The submitted information didn't contain changes. Submit different information to create a change set."

export const changeSetOperations = operations('cloudformation', {
  async CreateChangeSet(input, ctx) {
    checkName(input.StackName.split('/')[1] ?? input.StackName)
    const { ResourcesToImport, RollbackConfiguration } = input
    refuse({
      'ChangeSetType IMPORT': input.ChangeSetType === 'IMPORT',
      ResourcesToImport: ResourcesToImport?.length,
      RollbackConfiguration: RollbackConfiguration?.RollbackTriggers?.length,
    })
    const kind = input.ChangeSetType === 'CREATE' ? 'CREATE' : 'UPDATE'
    const { stack, isNew } = stackFor(ctx, input, kind)
    const planned = await plan(ctx, stack, input, isNew)
    const changeSet: ChangeSet = {
      id: `arn:aws:cloudformation:${ctx.region}:${ctx.account}:changeSet/${input.ChangeSetName}/${ctx.random.uuid()}`,
      name: input.ChangeSetName,
      stackName: stack.name,
      stackUuid: stack.uuid,
      kind,
      createdAt: ctx.clock.now(),
      notificationArns: input.NotificationARNs ?? stack.notificationArns,
      ...(input.Description !== undefined && { description: input.Description }),
      ...(input.OnStackFailure !== undefined && { onStackFailure: input.OnStackFailure }),
      ...planned,
    }
    await ctx.commit((tx) => {
      if (tx.in(changeSets).has(stack.uuid, changeSet.name)) {
        throw AlreadyExistsException(`ChangeSet ${changeSet.name} already exists`)
      }
      if (isNew && !findStack(tx.in(stacks), stack.name)) putInReview(tx, stack)
      tx.in(changeSets).put(changeSet)
    })
    return { Id: changeSet.id, StackId: stack.arn }
  },

  async DescribeChangeSet(input, ctx) {
    const { changeSet, stack } = mustFind(ctx, input.ChangeSetName, input.StackName)
    const { templateText } = changeSet.wanted ?? {}
    const declared = templateText === undefined ? {} : ctx.use(parsedTemplates).read(templateText).template.parameters
    return changeSetOutput(changeSet, stack, declared, input)
  },

  async ListChangeSets(input, ctx) {
    const stack = mustFindStack(ctx.in(stacks), input.StackName, `Stack [${input.StackName}] does not exist`)
    return {
      Summaries: [...ctx.in(changeSets).list({ prefix: [stack.uuid] })].map((changeSet) => ({
        StackId: stack.arn,
        StackName: stack.name,
        ChangeSetId: changeSet.id,
        ChangeSetName: changeSet.name,
        ExecutionStatus: changeSet.executionStatus,
        Status: changeSet.status,
        CreationTime: new Date(changeSet.createdAt),
        IncludeNestedStacks: false,
        ...(changeSet.reason !== undefined && { StatusReason: changeSet.reason }),
        ...(changeSet.description !== undefined && { Description: changeSet.description }),
      })),
    }
  },

  async ExecuteChangeSet(input, ctx) {
    await ctx.commit((tx) => {
      const { changeSet, stack } = mustFind(tx, input.ChangeSetName, input.StackName)
      const { wanted } = changeSet
      if (changeSet.executionStatus !== 'AVAILABLE' || !wanted) {
        throw InvalidChangeSetStatusException(
          `ChangeSet [${changeSet.id}] cannot be executed in its current status of [${changeSet.status}]`,
        )
      }
      if (input.ClientRequestToken !== undefined) stack.clientToken = input.ClientRequestToken
      execute(tx, stack, changeSet, wanted, input.DisableRollback ?? false)
    })
    return {}
  },

  async DeleteChangeSet(input, ctx) {
    await ctx.commit((tx) => {
      const found = find(tx, input.ChangeSetName, input.StackName)
      if (found) tx.in(changeSets).delete(found.changeSet.stackUuid, found.changeSet.name)
    })
    return {}
  },
})

function stackFor(ctx: Context, input: { StackName: string }, kind: ChangeSet['kind']) {
  const present = findStack(ctx.in(stacks), input.StackName)
  if (kind === 'UPDATE') {
    if (!present || present.status === 'DELETE_COMPLETE')
      throw validationError(`Stack [${input.StackName}] does not exist`)
    checkUpdatable(present)
    return { stack: present, isNew: false }
  }
  if (present && present.status !== 'REVIEW_IN_PROGRESS') {
    throw validationError(
      `Stack [${present.name}] already exists and cannot be created again with the changeSet [${input.StackName}].`,
    )
  }
  return { stack: present ?? newStack(ctx, input), isNew: true }
}

/** A template at fault makes a change set that failed and says why, as AWS does once the request itself is sound. */
async function plan(ctx: Context, stack: Stack, request: StackRequest, isNew: boolean) {
  const failed = (reason: string) => ({
    status: 'FAILED' as const,
    executionStatus: 'UNAVAILABLE' as const,
    reason,
    changes: [],
  })
  let read: Wanted
  try {
    read = await readRequest(ctx, stack, request)
  } catch (error) {
    if (error instanceof AwsError && /^(Template format error: Unrecognized|Unable to fetch)/.test(error.message)) {
      return failed(error.message)
    }
    throw error
  }
  const { template, ...wanted } = read
  if (!isNew && !differs(ctx, stack, read)) return failed(noChanges)
  const changes = plannedChanges(ctx, stack, read)
  return { status: 'CREATE_COMPLETE' as const, executionStatus: 'AVAILABLE' as const, changes, wanted }
}

function putInReview(tx: Tx, stack: Stack): void {
  stack.status = 'REVIEW_IN_PROGRESS'
  stack.statusReason = 'User Initiated'
  tx.in(stacks).put(stack)
  noteStack(tx, stack)
}

function execute(
  tx: Tx,
  stack: Stack,
  changeSet: ChangeSet,
  kept: Omit<Wanted, 'template'>,
  disablesRollback: boolean,
): void {
  const { template } = tx.use(parsedTemplates).read(kept.templateText)
  const wanted: Wanted = { ...kept, template }
  stack.changeSetId = changeSet.id
  stack.notificationArns = changeSet.notificationArns
  stack.onFailure = disablesRollback ? 'DO_NOTHING' : onFailureOf(changeSet)
  for (const other of [...tx.in(changeSets).list({ prefix: [stack.uuid] })]) {
    const executionStatus = other.name === changeSet.name ? 'EXECUTE_COMPLETE' : 'OBSOLETE'
    tx.in(changeSets).put({ ...other, executionStatus })
  }
  if (stack.status === 'REVIEW_IN_PROGRESS') {
    startCreation(tx, stack, wanted)
    return
  }
  checkUpdatable(stack)
  startUpdate(tx, stack, wanted)
}

function onFailureOf({ onStackFailure }: ChangeSet): Stack['onFailure'] {
  return onStackFailure === 'DO_NOTHING' || onStackFailure === 'DELETE' ? onStackFailure : 'ROLLBACK'
}

interface Reader {
  in: {
    (collection: typeof stacks): Records<Stack>
    (collection: typeof changeSets): Records<ChangeSet>
  }
}

function find(reader: Reader, nameOrId: string, stackName: string | undefined) {
  if (nameOrId.startsWith('arn:')) {
    for (const changeSet of reader.in(changeSets).list()) {
      const stack =
        changeSet.id === nameOrId ? reader.in(stacks).get(changeSet.stackName, changeSet.stackUuid) : undefined
      if (stack) return { changeSet, stack }
    }
    return undefined
  }
  if (stackName === undefined)
    throw validationError('StackName must be specified if ChangeSetName is not specified as an ARN.')
  const stack = mustFindStack(reader.in(stacks), stackName, `Stack [${stackName}] does not exist`)
  const changeSet = reader.in(changeSets).get(stack.uuid, nameOrId)
  return changeSet && { changeSet, stack }
}

function mustFind(reader: Reader, nameOrId: string, stackName: string | undefined) {
  const found = find(reader, nameOrId, stackName)
  if (found) return found
  throw ChangeSetNotFoundException(`ChangeSet [${nameOrId}] does not exist`)
}
