/**
 * Dashboards: kept as the JSON that they are. What cannot be drawn is refused, what looks wrong is said and kept.
 * Structure: docs.aws.amazon.com, CloudWatch API Reference, "Dashboard Body Structure and Syntax".
 */
import type { Millis } from '../../clock.ts'
import { collection, type Scope } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { bodyProblems } from './dashboardBodies.ts'
import { listPage } from './pages.ts'
import { forgetTags, putTags } from './tags.ts'

const { DashboardInvalidInputError, DashboardNotFoundError, InvalidParameterValueException } = awsErrors('cloudwatch')

interface Dashboard {
  name: string
  /** JSON text. */
  body: string
  modifiedAt: Millis
}

/** Dashboards are the account's, seen from every region. */
export const dashboards = collection<Dashboard>('cloudwatch/dashboards', {
  version: 1,
  scope: 'account',
  key: ({ name }) => [name],
})

const namePattern = /^[A-Za-z0-9_-]{1,255}$/
const pageSize = 1_000

function dashboardArn({ account }: Pick<Scope, 'account'>, name: string): string {
  return `arn:aws:cloudwatch::${account}:dashboard/${name}`
}

export function dashboardNameIn(arn: string): string | undefined {
  return /^arn:[^:]+:cloudwatch:[^:]*:[^:]*:dashboard\/(.+)$/.exec(arn)?.[1]
}

export const dashboardOperations = operations('cloudwatch', {
  async PutDashboard({ DashboardName, DashboardBody, Tags = [] }, ctx) {
    if (!namePattern.test(DashboardName)) {
      throw InvalidParameterValueException(
        `The value ${DashboardName} for parameter DashboardName is invalid. Only letters, numbers, - and _ are allowed, and at most 255 of them.`,
      )
    }
    const { errors, warnings } = bodyProblems(DashboardBody)
    if (errors.length > 0) {
      const reason = errors.map(({ DataPath, Message }) => `${DataPath} ${Message}`.trim()).join('; ')
      throw DashboardInvalidInputError(
        `The dashboard body is invalid, there are ${errors.length} validation errors: ${reason}`,
        {
          dashboardValidationMessages: errors,
        },
      )
    }
    await ctx.commit((tx) => {
      const isNew = !tx.in(dashboards).has(DashboardName)
      tx.in(dashboards).put({ name: DashboardName, body: DashboardBody, modifiedAt: tx.now })
      if (isNew) putTags(tx, dashboardArn(tx, DashboardName), Tags)
    })
    return { DashboardValidationMessages: warnings }
  },

  async GetDashboard({ DashboardName }, ctx) {
    const dashboard = ctx.in(dashboards).get(DashboardName)
    if (!dashboard) throw notFound(DashboardName)
    return { DashboardArn: dashboardArn(ctx, DashboardName), DashboardBody: dashboard.body, DashboardName }
  },

  async ListDashboards({ DashboardNamePrefix, NextToken }, ctx) {
    const range = DashboardNamePrefix ? { startsWith: DashboardNamePrefix } : {}
    const wanted = { token: NextToken, limit: pageSize }
    const { items, nextToken } = listPage(ctx.in(dashboards).list(range), ({ name }) => [name], wanted)
    return {
      DashboardEntries: items.map(({ name, body, modifiedAt }) => ({
        DashboardName: name,
        DashboardArn: dashboardArn(ctx, name),
        LastModified: new Date(modifiedAt),
        Size: Buffer.byteLength(body),
      })),
      ...(nextToken && { NextToken: nextToken }),
    }
  },

  /** All, or none where one is not there. */
  async DeleteDashboards({ DashboardNames }, ctx) {
    await ctx.commit((tx) => {
      for (const name of DashboardNames) {
        if (!tx.in(dashboards).has(name)) throw notFound(name)
        tx.in(dashboards).delete(name)
        forgetTags(tx, dashboardArn(tx, name))
      }
    })
    return {}
  },
})

function notFound(name: string): Error {
  return DashboardNotFoundError(`Dashboard ${name} does not exist`)
}
