/** Filter expressions: which traces they find. */
import { GetTraceSummariesCommand, XRayClient } from '@aws-sdk/client-xray'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { documentOf, segmentId, send, sendShop, traceIdAt } from './segments.ts'

/** Traces by a letter each: `a` is Ana's shop, which fails; `b` Bia's, which does not; `c` a throttled call that still runs. */
async function prepared(igarape: Igarape) {
  const { traceId: a } = await sendShop(igarape, 1)
  const { traceId: b } = await sendShop(igarape, 2, { user: 'bia', failing: false })
  const c = traceIdAt(igarape, 3)
  await send(igarape, [
    documentOf(igarape, c, {
      ...{ id: segmentId(1), name: 'worker', http: { response: { status: 429 } }, annotations: { 'a.b': 'x', n: 7 } },
      ...{ end_time: undefined, in_progress: true },
    }),
  ])
  const letters = new Map([
    [a, 'a'],
    [b, 'b'],
    [c, 'c'],
  ])
  return async (FilterExpression: string) => {
    const now = igarape.clock.now().getTime()
    const range = { StartTime: new Date(now - 60_000), EndTime: new Date(now + 1000) }
    const query = new GetTraceSummariesCommand({ ...range, FilterExpression })
    const { TraceSummaries = [] } = await igarape.client(XRayClient).send(query)
    return TraceSummaries.map(({ Id }) => letters.get(Id as string)).join('')
  }
}

test('expressions find traces by outcome, time, request, annotation, service and edge', async ({ igarape }) => {
  const found = await prepared(igarape)
  const cases: [string, string][] = [
    ['fault', 'a'],
    ['fault = true', 'a'],
    ['!fault', 'bc'],
    ['NOT fault AND ok', 'b'],
    ['error', 'c'],
    ['throttle', 'c'],
    ['partial', 'c'],
    ['responsetime > 2.5', 'ab'],
    ['responsetime >= 3 AND responsetime <= 3', 'ab'],
    ['duration < 1', 'c'],
    ['http.status = 502', 'a'],
    ['http.status != 502', 'bc'],
    ['http.url BEGINSWITH "https://loja"', 'ab'],
    ['http.url ENDSWITH "/pedidos" AND http.method = "POST"', 'ab'],
    ['http.useragent CONTAINS "url"', 'ab'],
    ['http.clientip = "10.1.2.3"', 'ab'],
    ['user = "ana"', 'a'],
    ['user', 'ab'],
    ['user = "ana" OR user = "bia"', 'ab'],
    ['(user = "ana" OR user = "bia") AND fault', 'a'],
    ['annotation.loja = "loja-123"', 'ab'],
    ['annotation[loja] BEGINSWITH "loja"', 'ab'],
    ['annotation[a.b] = "x"', 'c'],
    ['annotation.n > 6', 'c'],
    ['annotation.itens < 3', ''],
    ['annotation.urgente = true', 'ab'],
    ['annotation.n', 'c'],
    ['message CONTAINS "slow"', 'a'],
    ['service("api")', 'ab'],
    ['service("api") { fault }', 'a'],
    ['service("api") { responsetime > 2 }', ''],
    ['!service("api")', 'c'],
    ['service(id(name: "produtos", type: "AWS::DynamoDB::Table"))', 'ab'],
    ['service(id(type: "AWS::EC2::Instance")) { http.status = 200 }', 'b'],
    ['service(id(account.id: "000000000000")) { annotation.n = 7 }', 'c'],
    ['service() { inferred AND fault }', 'a'],
    ['service("worker") { root }', 'c'],
    ['edge("api", "pagamentos.example")', 'ab'],
    ['edge("api", "pagamentos.example") { fault }', 'a'],
    ['edge("api", "pagamentos.example") { responsetime >= 1 }', 'ab'],
    ['edge("loja.example", "produtos")', ''],
    ['edge("api", id(type: "AWS::DynamoDB::Table"))', 'ab'],
    ['instance.id = "i-0b" AND availabilityzone = "us-east-1a"', 'ab'],
  ]

  const outcomes: [string, string][] = []
  for (const [expression] of cases) outcomes.push([expression, await found(expression)])
  expect(outcomes).toEqual(cases)
})

test('an expression that is none is refused with its place, and what is not here by its name', async ({ igarape }) => {
  const found = await prepared(igarape)

  for (const expression of [
    'fault AND',
    'nothing = 1',
    'responsetime',
    'responsetime > "x"',
    'user > "a"',
    'service("a"',
    '"x"',
  ]) {
    await expect(found(expression), expression).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: expect.stringContaining(`Invalid filter expression: ${expression} (at character `),
    })
  }
  await expect(found('rootcause.fault.service { name = "a" }')).rejects.toMatchObject({ name: 'NotImplemented' })
})
