/** Namespaces: a database and its users; the data is the warehouse `namespace-<name>`. */
import type { Namespace as ShownNamespace } from '@aws-sdk/client-redshift-serverless'
import type { Millis } from '../../clock.ts'
import type { Context } from '../../delivery/context.ts'
import { warehouses } from '../../engines/sql/redshift/warehouses.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { workgroups } from './workgroups.ts'

const { ConflictException, ResourceNotFoundException } = awsErrors('redshift-serverless')

export interface Namespace {
  name: string
  id: string
  database: string
  user: string
  roles: string[]
  defaultRole?: string
  createdAt: Millis
}

export const namespaces = collection<Namespace>('redshift-serverless/namespaces', {
  version: 1,
  key: (one) => [one.name],
})

export const namespaceOperations = operations('redshift-serverless', {
  async CreateNamespace(input, ctx) {
    const namespace: Namespace = {
      name: input.namespaceName,
      id: ctx.random.uuid(),
      database: (input.dbName ?? 'dev').toLowerCase(),
      user: input.adminUsername ?? 'admin',
      roles: (input.iamRoles ?? []) as string[],
      createdAt: ctx.clock.now(),
      ...(input.defaultIamRoleArn && { defaultRole: input.defaultIamRoleArn }),
    }
    await ctx.commit((tx) => {
      if (tx.in(namespaces).get(namespace.name))
        throw ConflictException(`Namespace with name ${namespace.name} already exists.`)
      tx.in(namespaces).put(namespace)
    })
    return { namespace: shown(namespace, ctx) }
  },

  async GetNamespace(input, ctx) {
    return { namespace: shown(mustGetNamespace(ctx, input.namespaceName), ctx) }
  },

  async ListNamespaces(_input, ctx) {
    return { namespaces: [...ctx.in(namespaces).list()].map((namespace) => shown(namespace, ctx)) }
  },

  async UpdateNamespace(input, ctx) {
    const namespace = await ctx.commit((tx) => {
      const next = {
        ...mustGetNamespace(tx, input.namespaceName),
        ...(input.iamRoles && { roles: input.iamRoles as string[] }),
        ...(input.defaultIamRoleArn && { defaultRole: input.defaultIamRoleArn }),
        ...(input.adminUsername && { user: input.adminUsername }),
      }
      tx.in(namespaces).put(next)
      return next
    })
    return { namespace: shown(namespace, ctx) }
  },

  async DeleteNamespace(input, ctx) {
    const namespace = await ctx.commit((tx) => {
      const found = mustGetNamespace(tx, input.namespaceName)
      if ([...tx.in(workgroups).list()].some((workgroup) => workgroup.namespace === found.name)) {
        throw ConflictException('The namespace is associated with a workgroup. Delete the workgroup first.')
      }
      tx.in(namespaces).delete(found.name)
      return found
    })
    await ctx.use(warehouses).drop({ account: ctx.account, region: ctx.region, name: `namespace-${namespace.name}` })
    return { namespace: { ...shown(namespace, ctx), status: 'DELETING' as const } }
  },
})

export function mustGetNamespace(ctx: Pick<Context, 'in'>, name: string): Namespace {
  const namespace = ctx.in(namespaces).get(name)
  if (!namespace) throw ResourceNotFoundException(`Namespace ${name} not found.`)
  return namespace
}

function shown(namespace: Namespace, ctx: Context): ShownNamespace {
  return {
    namespaceName: namespace.name,
    namespaceId: namespace.id,
    namespaceArn: `arn:aws:redshift-serverless:${ctx.region}:${ctx.account}:namespace/${namespace.id}`,
    dbName: namespace.database,
    adminUsername: namespace.user,
    iamRoles: namespace.roles,
    ...(namespace.defaultRole && { defaultIamRoleArn: namespace.defaultRole }),
    kmsKeyId: 'AWS_OWNED_KMS_KEY',
    logExports: [],
    status: 'AVAILABLE',
    creationDate: new Date(namespace.createdAt),
  }
}
