/** Work groups: a name for the way to a namespace. Capacity is kept and given back. */
import type { Workgroup as ShownWorkgroup } from '@aws-sdk/client-redshift-serverless'
import type { Millis } from '../../clock.ts'
import type { Context } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { mustGetNamespace } from './namespaces.ts'

const { ConflictException, ResourceNotFoundException } = awsErrors('redshift-serverless')

export interface Workgroup {
  name: string
  id: string
  namespace: string
  baseCapacity: number
  createdAt: Millis
}

export const workgroups = collection<Workgroup>('redshift-serverless/workgroups', {
  version: 1,
  key: (one) => [one.name],
})

export const workgroupOperations = operations('redshift-serverless', {
  async CreateWorkgroup(input, ctx) {
    const workgroup: Workgroup = {
      name: input.workgroupName,
      id: ctx.random.uuid(),
      namespace: input.namespaceName,
      baseCapacity: input.baseCapacity ?? 128,
      createdAt: ctx.clock.now(),
    }
    await ctx.commit((tx) => {
      mustGetNamespace(tx, input.namespaceName)
      if (tx.in(workgroups).get(workgroup.name))
        throw ConflictException(`Workgroup with name ${workgroup.name} already exists.`)
      tx.in(workgroups).put(workgroup)
    })
    return { workgroup: shown(workgroup, ctx) }
  },

  async GetWorkgroup(input, ctx) {
    return { workgroup: shown(mustGetWorkgroup(ctx, input.workgroupName), ctx) }
  },

  async ListWorkgroups(_input, ctx) {
    return { workgroups: [...ctx.in(workgroups).list()].map((workgroup) => shown(workgroup, ctx)) }
  },

  async UpdateWorkgroup(input, ctx) {
    const workgroup = await ctx.commit((tx) => {
      const next = {
        ...mustGetWorkgroup(tx, input.workgroupName),
        ...(input.baseCapacity && { baseCapacity: input.baseCapacity }),
      }
      tx.in(workgroups).put(next)
      return next
    })
    return { workgroup: shown(workgroup, ctx) }
  },

  async DeleteWorkgroup(input, ctx) {
    const workgroup = mustGetWorkgroup(ctx, input.workgroupName)
    await ctx.commit((tx) => tx.in(workgroups).delete(workgroup.name))
    return { workgroup: { ...shown(workgroup, ctx), status: 'DELETING' as const } }
  },
})

function mustGetWorkgroup(ctx: Pick<Context, 'in'>, name: string): Workgroup {
  const workgroup = ctx.in(workgroups).get(name)
  if (!workgroup) throw ResourceNotFoundException(`Workgroup ${name} not found.`)
  return workgroup
}

function shown(workgroup: Workgroup, ctx: Context): ShownWorkgroup {
  const address = `${workgroup.name}.${ctx.account}.${ctx.region}.redshift-serverless.amazonaws.com`
  return {
    workgroupName: workgroup.name,
    workgroupId: workgroup.id,
    workgroupArn: `arn:aws:redshift-serverless:${ctx.region}:${ctx.account}:workgroup/${workgroup.id}`,
    namespaceName: workgroup.namespace,
    baseCapacity: workgroup.baseCapacity,
    enhancedVpcRouting: false,
    publiclyAccessible: false,
    configParameters: [],
    securityGroupIds: [],
    subnetIds: [],
    endpoint: { address, port: 5439, vpcEndpoints: [] },
    port: 5439,
    status: 'AVAILABLE',
    creationDate: new Date(workgroup.createdAt),
  }
}
