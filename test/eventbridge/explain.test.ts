/** `explain` over the control API: why the last events of a bus did or did not match a rule. */
import { EventBridgeClient, PutEventsCommand, PutRuleCommand } from '@aws-sdk/client-eventbridge'
import { expect } from 'vitest'
import { ruleExplainer } from '../../src/delivery/explainer.ts'
import { test } from '../fixture.ts'

const scope = { account: '000000000000', region: 'us-east-1', bus: 'default' }

test('the last events of the bus are explained, the newest first', async ({ igarape }) => {
  const events = igarape.client(EventBridgeClient)
  const EventPattern = JSON.stringify({ source: ['app.sales'], detail: { key: [{ prefix: 'in/' }] } })
  await events.send(new PutRuleCommand({ Name: 'r', EventPattern }))
  for (const key of ['in/a.csv', 'IN/b.csv']) {
    const entry = { Source: 'app.sales', DetailType: 'file', Detail: JSON.stringify({ key }) }
    await events.send(new PutEventsCommand({ Entries: [entry] }))
  }

  const explained = igarape.server.platform.use(ruleExplainer).explain({ ...scope, rule: 'r', last: 5 })
  expect(explained.pattern).toBe(EventPattern)
  expect(explained.events).toMatchObject([
    {
      event: { detail: { key: 'IN/b.csv' } },
      matched: false,
      branches: [
        {
          failedAt: 'detail.key',
          leaves: [{ hint: '`detail.key` is `IN/b.csv`; prefix `in/` differs in case.' }, { outcome: 'matched' }],
        },
      ],
    },
    { event: { detail: { key: 'in/a.csv' } }, matched: true },
  ])
})

test('a given event is explained, and a missing rule is said to be missing', async ({ igarape }) => {
  const events = igarape.client(EventBridgeClient)
  await events.send(new PutRuleCommand({ Name: 'r', EventPattern: '{"source":["a"]}' }))
  const explainer = igarape.server.platform.use(ruleExplainer)

  expect(explainer.explain({ ...scope, rule: 'r', last: 1, event: { source: 'a' } }).events).toMatchObject([
    { matched: true },
  ])
  expect(() => explainer.explain({ ...scope, rule: 'nope', last: 1 })).toThrow('Rule nope does not exist')
})

test('of the last events those that the rule did not match are told apart, and a bus is read on from where one was', async ({
  igarape,
}) => {
  const events = igarape.client(EventBridgeClient)
  await events.send(new PutRuleCommand({ Name: 'r', EventPattern: '{"source":["a"]}' }))
  for (const Source of ['a', 'b', 'a']) {
    await events.send(new PutEventsCommand({ Entries: [{ Source, DetailType: 't', Detail: '{}' }] }))
  }
  const explainer = igarape.server.platform.use(ruleExplainer)

  const { events: unmatched } = explainer.explain({ ...scope, rule: 'r', last: 20, onlyUnmatched: true })
  expect(unmatched).toMatchObject([{ event: { source: 'b' }, matched: false }])

  const first = explainer.eventsAfter({ ...scope, after: '' })
  expect(first.events).toMatchObject([{ source: 'a' }, { source: 'b' }, { source: 'a' }])
  expect(explainer.eventsAfter({ ...scope, after: first.last }).events).toEqual([])
  expect(explainer.eventsAfter({ ...scope, after: 'now' })).toEqual({ events: [], last: first.last })
  expect(() => explainer.eventsAfter({ ...scope, bus: 'nope', after: '' })).toThrow('Event bus nope does not exist')
})
