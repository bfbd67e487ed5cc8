/** Stacks, their resources and templates, as they are described. */
import type { Context } from '../../delivery/context.ts'
import { operations } from '../service.ts'
import type { ParameterValues } from './parameters.ts'
import { readTemplate, requiredCapabilities, templateTextOf } from './stackRequests.ts'
import { type StackResource, stackResources } from './stackResources.ts'
import { parsedTemplates } from './stackScopes.ts'
import { definitions, mustFindStack, type Stack, stacks, validationError } from './stacks.ts'
import { type Template, TemplateError } from './templates.ts'

const pageSize = 100

export const stackDescriptionOperations = operations('cloudformation', {
  async DescribeStacks(input, ctx) {
    if (input.StackName !== undefined) {
      return { Stacks: [stackOutput(ctx, mustFindStack(ctx.in(stacks), input.StackName))] }
    }
    const { page, next } = pageOf(ctx, input.NextToken, (stack) => stack.status !== 'DELETE_COMPLETE')
    return { Stacks: page.map((stack) => stackOutput(ctx, stack)), ...next }
  },

  async ListStacks(input, ctx) {
    const wanted = input.StackStatusFilter
    const { page, next } = pageOf(ctx, input.NextToken, (stack) => !wanted || wanted.includes(stack.status))
    return {
      StackSummaries: page.map((stack) => ({
        ...summaryOf(stack),
        ...(stack.description !== undefined && { TemplateDescription: stack.description }),
      })),
      ...next,
    }
  },

  async DescribeStackResources(input, ctx) {
    const found = input.StackName === undefined ? byPhysicalId(ctx, input.PhysicalResourceId) : undefined
    const stack = found ?? mustFindStack(ctx.in(stacks), input.StackName)
    const resources = [...ctx.in(stackResources).list({ prefix: [stack.uuid] })]
      .filter((one) => input.LogicalResourceId === undefined || one.logicalId === input.LogicalResourceId)
      .filter((one) => stack.status === 'DELETE_COMPLETE' || one.status !== 'DELETE_COMPLETE')
    return { StackResources: resources.slice(0, pageSize).map((resource) => resourceOutput(stack, resource)) }
  },

  async DescribeStackResource(input, ctx) {
    const stack = mustFindStack(ctx.in(stacks), input.StackName, `Stack '${input.StackName}' does not exist`)
    const resource = ctx.in(stackResources).get(stack.uuid, input.LogicalResourceId)
    if (!resource) throw validationError(`Resource ${input.LogicalResourceId} does not exist for stack ${stack.name}`)
    const { Timestamp, ...output } = resourceOutput(stack, resource)
    return {
      StackResourceDetail: {
        ...output,
        LastUpdatedTimestamp: Timestamp,
        ...(resource.metadata !== undefined && { Metadata: JSON.stringify(resource.metadata) }),
      },
    }
  },

  async ListStackResources(input, ctx) {
    const stack = mustFindStack(ctx.in(stacks), input.StackName)
    const after = input.NextToken === undefined ? {} : { after: [stack.uuid, input.NextToken] }
    const page = [...ctx.in(stackResources).list({ prefix: [stack.uuid], ...after, limit: pageSize })]
    const last = page.at(-1)
    return {
      StackResourceSummaries: page.map((resource) => {
        const { Timestamp, StackId: _, StackName: __, ...output } = resourceOutput(stack, resource)
        return { ...output, LastUpdatedTimestamp: Timestamp }
      }),
      ...(last && page.length === pageSize && { NextToken: last.logicalId }),
    }
  },

  async GetTemplate(input, ctx) {
    const stack = mustFindStack(ctx.in(stacks), input.StackName)
    const definition = ctx.in(definitions).get(stack.uuid, 'current')
    return {
      ...(definition && { TemplateBody: definition.templateText }),
      StagesAvailable: ['Original' as const, 'Processed' as const],
    }
  },

  async GetTemplateSummary(input, ctx) {
    const stack = input.StackName === undefined ? undefined : mustFindStack(ctx.in(stacks), input.StackName)
    const text = await templateTextOf(ctx, stack ? { UsePreviousTemplate: true } : input, stack)
    const template = checkedTemplate(ctx, text)
    return {
      ...declarationsOf(template),
      ResourceTypes: [...new Set(Object.values(template.resources).map((resource) => resource.type))],
      Version: '2010-09-09',
      ...(template.metadata !== undefined && { Metadata: JSON.stringify(template.metadata) }),
      ResourceIdentifierSummaries: [],
    }
  },

  async ValidateTemplate(input, ctx) {
    return declarationsOf(checkedTemplate(ctx, await templateTextOf(ctx, input)))
  },
})

function checkedTemplate(ctx: Context, text: string): Template {
  try {
    return readTemplate(ctx, text)
  } catch (error) {
    throw error instanceof TemplateError ? validationError(error.message) : error
  }
}

function pageOf(ctx: Context, token: string | undefined, isWanted: (stack: Stack) => boolean) {
  const after = token === undefined ? {} : { after: Buffer.from(token, 'base64url').toString().split('/') }
  const page: Stack[] = []
  for (const stack of ctx.in(stacks).list(after)) {
    if (!isWanted(stack)) continue
    page.push(stack)
    if (page.length > pageSize) break
  }
  const last = page.length > pageSize ? page[pageSize - 1] : undefined
  const next = last ? { NextToken: Buffer.from(`${last.name}/${last.uuid}`).toString('base64url') } : {}
  return { page: page.slice(0, pageSize), next }
}

function byPhysicalId(ctx: Context, physicalId: string | undefined): Stack | undefined {
  if (physicalId === undefined) throw validationError('Either StackName or PhysicalResourceId must be specified.')
  for (const stack of ctx.in(stacks).list()) {
    for (const resource of ctx.in(stackResources).list({ prefix: [stack.uuid] })) {
      if (resource.current?.physicalId === physicalId) return stack
    }
  }
  throw validationError(`Stack for ${physicalId} does not exist`)
}

function summaryOf(stack: Stack) {
  return {
    StackId: stack.arn,
    StackName: stack.name,
    StackStatus: stack.status,
    CreationTime: new Date(stack.createdAt),
    ...(stack.statusReason !== undefined && { StackStatusReason: stack.statusReason }),
    ...(stack.updatedAt !== undefined && { LastUpdatedTime: new Date(stack.updatedAt) }),
    ...(stack.deletedAt !== undefined && { DeletionTime: new Date(stack.deletedAt) }),
    ...(stack.parent && { ParentId: stack.parent.arn }),
    ...(stack.rootArn !== undefined && { RootId: stack.rootArn }),
    DriftInformation: { StackDriftStatus: 'NOT_CHECKED' as const },
  }
}

function stackOutput(ctx: Context, stack: Stack) {
  return {
    ...summaryOf(stack),
    ...(stack.description !== undefined && { Description: stack.description }),
    ...(stack.changeSetId !== undefined && { ChangeSetId: stack.changeSetId }),
    Parameters: parametersOutput(ctx, stack),
    Outputs: stack.outputs.map((output) => ({
      OutputKey: output.key,
      OutputValue: output.value,
      ...(output.description !== undefined && { Description: output.description }),
      ...(output.exportName !== undefined && { ExportName: output.exportName }),
    })),
    Tags: Object.entries(stack.tags).map(([Key, Value]) => ({ Key, Value })),
    Capabilities: stack.capabilities as 'CAPABILITY_IAM'[],
    NotificationARNs: stack.notificationArns,
    DisableRollback: stack.onFailure === 'DO_NOTHING',
    EnableTerminationProtection: stack.terminationProtection,
    RollbackConfiguration: {},
    ...(stack.timeoutMinutes !== undefined && { TimeoutInMinutes: stack.timeoutMinutes }),
    ...(stack.roleArn !== undefined && { RoleARN: stack.roleArn }),
  }
}

function parametersOutput(ctx: Context, stack: Stack) {
  const definition = ctx.in(definitions).get(stack.uuid, 'current')
  const declared = definition ? ctx.use(parsedTemplates).read(definition.templateText).template.parameters : {}
  return parameterList(declared, stack.parameters)
}

export function parameterList(declared: Template['parameters'], values: ParameterValues) {
  return Object.entries(values).map(([name, { value, resolved }]) => ({
    ParameterKey: name,
    ParameterValue: declared[name]?.noEcho ? '****' : value,
    ...(resolved !== undefined && { ResolvedValue: resolved }),
  }))
}

function resourceOutput(stack: Stack, resource: StackResource) {
  const physicalId = resource.current?.physicalId ?? resource.lastPhysicalId
  return {
    StackName: stack.name,
    StackId: stack.arn,
    LogicalResourceId: resource.logicalId,
    ResourceType: resource.type,
    Timestamp: new Date(resource.updatedAt),
    ResourceStatus: resource.status as 'CREATE_COMPLETE',
    DriftInformation: { StackResourceDriftStatus: 'NOT_CHECKED' as const },
    ...(physicalId !== undefined && { PhysicalResourceId: physicalId }),
    ...(resource.statusReason !== undefined && { ResourceStatusReason: resource.statusReason }),
  }
}

function declarationsOf(template: Template) {
  const capabilities = requiredCapabilities(template.resources)
  const types = Object.values(template.resources).filter((resource) => resource.type.startsWith('AWS::IAM::'))
  return {
    Parameters: Object.entries(template.parameters).map(([name, parameter]) => ({
      ParameterKey: name,
      ParameterType: parameter.type,
      NoEcho: parameter.noEcho,
      ...(parameter.default !== undefined && { DefaultValue: parameter.default }),
      ...(parameter.description !== undefined && { Description: parameter.description }),
      ParameterConstraints: { AllowedValues: parameter.allowedValues ?? [] },
    })),
    ...(template.description !== undefined && { Description: template.description }),
    Capabilities: capabilities as 'CAPABILITY_IAM'[],
    ...(types.length > 0 && {
      CapabilitiesReason: `The following resource(s) require capabilities: [${[...new Set(types.map((resource) => resource.type))].join(', ')}]`,
    }),
    DeclaredTransforms: template.transforms,
  }
}
