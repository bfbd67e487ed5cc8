/** Work groups: where results go by default, and whether a query may say otherwise. `primary` is always there. */
import type { ResultConfigurationUpdates, WorkGroupConfiguration } from '@aws-sdk/client-athena'
import type { Millis } from '../../clock.ts'
import type { Context } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { page } from './pages.ts'

const { InvalidRequestException, ResourceNotFoundException } = awsErrors('athena')

export interface WorkGroup {
  name: string
  description?: string
  state: 'ENABLED' | 'DISABLED'
  configuration: WorkGroupConfiguration
  tags: Record<string, string>
  createdAt: Millis
}

export const workGroups = collection<WorkGroup>('athena/workGroups', { version: 1, key: (group) => [group.name] })

const engineVersion = { SelectedEngineVersion: 'AUTO', EffectiveEngineVersion: 'Athena engine version 3' }
const defaults: WorkGroupConfiguration = {
  EnforceWorkGroupConfiguration: true,
  PublishCloudWatchMetricsEnabled: true,
  RequesterPaysEnabled: false,
  EngineVersion: engineVersion,
}

export function getWorkGroup(ctx: Pick<Context, 'in'>, name: string): WorkGroup | undefined {
  const stored = ctx.in(workGroups).get(name)
  if (stored || name !== 'primary') return stored
  const configuration = { ...defaults, EnforceWorkGroupConfiguration: false }
  return { name, state: 'ENABLED', configuration, tags: {}, createdAt: 0 }
}

export function mustGetWorkGroup(ctx: Pick<Context, 'in'>, name: string): WorkGroup {
  const group = getWorkGroup(ctx, name)
  if (!group) throw InvalidRequestException(`WorkGroup ${name} is not found.`)
  return group
}

export const workGroupOperations = operations('athena', {
  async CreateWorkGroup(input, ctx) {
    const group: WorkGroup = {
      name: input.Name,
      state: 'ENABLED',
      configuration: { ...defaults, ...input.Configuration, EngineVersion: engineVersion },
      tags: Object.fromEntries((input.Tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? ''])),
      createdAt: ctx.clock.now(),
      ...(input.Description !== undefined && { description: input.Description }),
    }
    await ctx.commit((tx) => {
      if (getWorkGroup(tx, group.name)) throw InvalidRequestException('WorkGroup is already created')
      tx.in(workGroups).put(group)
    })
    return {}
  },

  async GetWorkGroup(input, ctx) {
    const group = mustGetWorkGroup(ctx, input.WorkGroup)
    return { WorkGroup: { ...summary(group), Configuration: group.configuration } }
  },

  async ListWorkGroups(input, ctx) {
    const stored = [...ctx.in(workGroups).list()]
    const all = stored.some((group) => group.name === 'primary')
      ? stored
      : [mustGetWorkGroup(ctx, 'primary'), ...stored]
    const { items, NextToken } = page(all, input, { nameOf: (group) => group.name, sizeMax: 50 })
    return { WorkGroups: items.map((group) => ({ ...summary(group), EngineVersion: engineVersion })), NextToken }
  },

  async ListEngineVersions() {
    return { EngineVersions: [engineVersion] }
  },

  async TagResource(input, ctx) {
    await ctx.commit((tx) => {
      const group = workGroupOf(tx, input.ResourceARN)
      const added = Object.fromEntries(input.Tags.map((tag) => [tag.Key ?? '', tag.Value ?? '']))
      tx.in(workGroups).put({ ...group, tags: { ...group.tags, ...added } })
    })
    return {}
  },

  async UntagResource(input, ctx) {
    await ctx.commit((tx) => {
      const group = workGroupOf(tx, input.ResourceARN)
      const kept = Object.entries(group.tags).filter(([key]) => !input.TagKeys.includes(key))
      tx.in(workGroups).put({ ...group, tags: Object.fromEntries(kept) })
    })
    return {}
  },

  async ListTagsForResource(input, ctx) {
    const { tags } = workGroupOf(ctx, input.ResourceARN)
    return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }
  },

  async UpdateWorkGroup(input, ctx) {
    await ctx.commit((tx) => {
      const group = mustGetWorkGroup(tx, input.WorkGroup)
      tx.in(workGroups).put({
        ...group,
        configuration: updated(group.configuration, (input.ConfigurationUpdates ?? {}) as Record<string, unknown>),
        ...(input.State && { state: input.State as WorkGroup['state'] }),
        ...(input.Description !== undefined && { description: input.Description }),
      })
    })
    return {}
  },

  async DeleteWorkGroup(input, ctx) {
    if (input.WorkGroup === 'primary') throw InvalidRequestException('The primary workgroup cannot be deleted.')
    await ctx.commit((tx) => {
      mustGetWorkGroup(tx, input.WorkGroup)
      tx.in(workGroups).delete(input.WorkGroup)
    })
    return {}
  },
})

/** `arn:aws:athena:region:account:workgroup/name`: the only resource of ours that is tagged. */
function workGroupOf(ctx: Pick<Context, 'in'>, arn: string): WorkGroup {
  const name = /:workgroup\/(.+)$/.exec(arn)?.[1]
  const group = name === undefined ? undefined : getWorkGroup(ctx, name)
  if (!group) throw ResourceNotFoundException(`Resource ${arn} was not found`)
  return group
}

/** An update names what it changes; the result's place has updates, and removals, of its own. */
function updated(configuration: WorkGroupConfiguration, updates: Record<string, unknown>): WorkGroupConfiguration {
  const {
    ResultConfigurationUpdates: results,
    EngineVersion: _,
    RemoveBytesScannedCutoffPerQuery: uncut,
    ...plain
  } = updates
  const next: WorkGroupConfiguration = { ...configuration, ...plain }
  if (uncut) delete next.BytesScannedCutoffPerQuery
  if (results) {
    const { RemoveOutputLocation, OutputLocation, EncryptionConfiguration } = results as ResultConfigurationUpdates
    const place = {
      ...next.ResultConfiguration,
      ...(OutputLocation && { OutputLocation }),
      ...(EncryptionConfiguration && { EncryptionConfiguration }),
    }
    if (RemoveOutputLocation) delete place.OutputLocation
    next.ResultConfiguration = place
  }
  return next
}

function summary(group: WorkGroup) {
  return {
    Name: group.name,
    State: group.state,
    CreationTime: new Date(group.createdAt),
    ...(group.description !== undefined && { Description: group.description }),
  }
}
