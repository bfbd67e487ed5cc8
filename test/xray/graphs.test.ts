/** Service graphs: which services call which, how often, how long, and how it ended; of a group, and by period. */
import {
  CreateGroupCommand,
  GetServiceGraphCommand,
  GetTimeSeriesServiceStatisticsCommand,
  GetTraceGraphCommand,
  type Service,
  XRayClient,
} from '@aws-sdk/client-xray'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { sendShop } from './segments.ts'

function around(igarape: Igarape, minutes = 1) {
  const now = igarape.clock.now().getTime()
  return { StartTime: new Date(now - minutes * 60_000), EndTime: new Date(now + 1000) }
}

/** `caller → called: ok, errors, faults`, in the order of their names. */
function edges(services: readonly Service[] = []): string[] {
  const names = new Map(
    services.map(({ ReferenceId, Name, Type }) => [ReferenceId, `${Name}${Type === 'client' ? ' (client)' : ''}`]),
  )
  return services
    .flatMap(({ ReferenceId, Edges = [] }) =>
      Edges.map(({ ReferenceId: called, SummaryStatistics: counts }) => {
        const numbers = [counts?.OkCount, counts?.ErrorStatistics?.TotalCount, counts?.FaultStatistics?.TotalCount]
        return `${names.get(ReferenceId)} → ${names.get(called)}: ${numbers.join(', ')}`
      }),
    )
    .sort()
}

test('a graph has a node for each service, with its counts and times, and the calls between them', async ({
  igarape,
}) => {
  await sendShop(igarape, 1)
  await sendShop(igarape, 2, { failing: false })

  const { Services } = await igarape.client(XRayClient).send(new GetServiceGraphCommand(around(igarape)))
  expect(edges(Services)).toEqual([
    'api → pagamentos.example: 1, 0, 1',
    'api → produtos: 2, 0, 0',
    'loja.example (client) → loja.example: 1, 0, 1',
    'loja.example → api: 1, 0, 1',
  ])
  const front = Services?.find(({ Root }) => Root)
  expect(front).toMatchObject({
    ...{ Name: 'loja.example', Type: 'AWS::EC2::Instance', State: 'active', AccountId: '000000000000' },
    SummaryStatistics: {
      ...{ OkCount: 1, TotalCount: 2, TotalResponseTime: 6 },
      ErrorStatistics: { ThrottleCount: 0, OtherCount: 0, TotalCount: 0 },
      FaultStatistics: { OtherCount: 1, TotalCount: 1 },
    },
    ResponseTimeHistogram: [{ Value: 3, Count: 2 }],
  })
})

test('a graph is narrowed to a group, or to some traces', async ({ igarape }) => {
  const xray = igarape.client(XRayClient)
  const { traceId } = await sendShop(igarape, 1)
  await sendShop(igarape, 2, { failing: false })
  await xray.send(new CreateGroupCommand({ GroupName: 'falhas', FilterExpression: 'service("api") { fault }' }))

  const ofGroup = await xray.send(new GetServiceGraphCommand({ ...around(igarape), GroupName: 'falhas' }))
  const ofTraces = await xray.send(new GetTraceGraphCommand({ TraceIds: [traceId] }))

  const failing = [
    'api → pagamentos.example: 0, 0, 1',
    'api → produtos: 1, 0, 0',
    'loja.example (client) → loja.example: 0, 0, 1',
    'loja.example → api: 0, 0, 1',
  ]
  expect(edges(ofGroup.Services)).toEqual(failing)
  expect(edges(ofTraces.Services)).toEqual(failing)
  const unknown = xray.send(new GetServiceGraphCommand({ ...around(igarape), GroupName: 'nada' }))
  await expect(unknown).rejects.toMatchObject({ name: 'InvalidRequestException' })
})

test('statistics come by period, of a service or of the calls between two', async ({ igarape }) => {
  const xray = igarape.client(XRayClient)
  await sendShop(igarape, 1)
  await igarape.clock.advance({ minutes: 2 })
  await sendShop(igarape, 2, { failing: false })
  const of = async (EntitySelectorExpression?: string) => {
    const query = { ...around(igarape, 5), Period: 60, ...(EntitySelectorExpression && { EntitySelectorExpression }) }
    const { TimeSeriesServiceStatistics = [] } = await xray.send(new GetTimeSeriesServiceStatisticsCommand(query))
    return TimeSeriesServiceStatistics.map(({ ServiceSummaryStatistics: own, EdgeSummaryStatistics: edge }) => [
      own ? 'service' : 'edge',
      (own ?? edge)?.OkCount,
      (own ?? edge)?.FaultStatistics?.TotalCount,
      (own ?? edge)?.TotalResponseTime,
    ])
  }

  expect(await of()).toEqual([
    ['edge', 0, 1, 3],
    ['edge', 1, 0, 3],
  ])
  expect(await of('service("api")')).toEqual([
    ['service', 0, 1, 1.8],
    ['service', 1, 0, 1.8],
  ])
  expect(await of('edge("api", "pagamentos.example")')).toEqual([
    ['edge', 0, 1, 1],
    ['edge', 1, 0, 1],
  ])
})
