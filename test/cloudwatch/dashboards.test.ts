/** Dashboards: kept as they are, refused where they cannot be drawn. */
import {
  CloudWatchClient,
  DeleteDashboardsCommand,
  GetDashboardCommand,
  ListDashboardsCommand,
  PutDashboardCommand,
} from '@aws-sdk/client-cloudwatch'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

const metricWidget = {
  ...{ type: 'metric', x: 0, y: 0, width: 12, height: 6 },
  properties: {
    metrics: [['AWS/Lambda', 'Errors', 'FunctionName', 'work']],
    region: 'us-east-1',
    period: 60,
    stat: 'Sum',
  },
}
const textWidget = { type: 'text', properties: { markdown: '# Sales' } }

function put(igarape: Igarape, body: unknown, DashboardName = 'sales') {
  const DashboardBody = typeof body === 'string' ? body : JSON.stringify(body)
  return igarape.client(CloudWatchClient).send(new PutDashboardCommand({ DashboardName, DashboardBody }))
}

test('a dashboard is kept, listed and deleted', async ({ igarape }) => {
  const cloudwatch = igarape.client(CloudWatchClient)
  const body = JSON.stringify({ widgets: [metricWidget, textWidget] })
  expect((await put(igarape, body)).DashboardValidationMessages ?? []).toEqual([])
  await put(igarape, body, 'store')

  expect(await cloudwatch.send(new GetDashboardCommand({ DashboardName: 'sales' }))).toMatchObject({
    DashboardBody: body,
    DashboardArn: 'arn:aws:cloudwatch::000000000000:dashboard/sales',
  })
  const { DashboardEntries } = await cloudwatch.send(new ListDashboardsCommand({ DashboardNamePrefix: 'sa' }))
  expect(DashboardEntries).toMatchObject([{ DashboardName: 'sales', Size: body.length }])
  const deletion = cloudwatch.send(new DeleteDashboardsCommand({ DashboardNames: ['sales', 'none'] }))
  await expect(deletion).rejects.toMatchObject({ name: 'ResourceNotFound' })
  await cloudwatch.send(new DeleteDashboardsCommand({ DashboardNames: ['sales'] }))
  await expect(cloudwatch.send(new GetDashboardCommand({ DashboardName: 'sales' }))).rejects.toMatchObject({
    name: 'ResourceNotFound',
  })
})

test('a body that cannot be drawn is refused with where and why', async ({ igarape }) => {
  const widgets = [
    { ...metricWidget, width: 25 },
    { ...metricWidget, properties: { metrics: [['AWS/Lambda']] } },
    { type: 'chart', properties: {} },
    { type: 'text', properties: {} },
  ]

  await expect(put(igarape, { widgets })).rejects.toMatchObject({
    name: 'DashboardInvalidInputError',
    dashboardValidationMessages: [
      { DataPath: '/widgets/0/width', Message: 'Should be <= 24' },
      { DataPath: '/widgets/1/properties/metrics/0', Message: 'Should NOT have fewer than 2 items' },
      { DataPath: '/widgets/1/properties', Message: "Should have required property 'region'" },
      { DataPath: '/widgets/2/type', Message: expect.stringMatching(/^Should be equal to one of the allowed values/) },
      { DataPath: '/widgets/3/properties', Message: "Should have required property 'markdown'" },
    ],
  })
  await expect(put(igarape, '{')).rejects.toMatchObject({ name: 'DashboardInvalidInputError' })
  await expect(put(igarape, { widgets: [] }, 'a b')).rejects.toMatchObject({ name: 'InvalidParameterValueException' })
})
