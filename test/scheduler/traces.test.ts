/** The way of a firing: each begins a trace of its own, found by the schedule's ARN, with what it caused below it. */
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge'
import { expect } from 'vitest'
import { traceOf, traceSummaries } from '../../src/control/traces.ts'
import { test } from '../fixture.ts'
import { bodies, queue, queueArn, schedule, scheduleArn } from './world.ts'

test('each firing begins a trace, and a dead letter hangs below it', async ({ igarape }) => {
  await queue(igarape, 'mortas')
  const DeadLetterConfig = { Arn: queueArn('mortas') }
  await schedule(igarape, {
    ScheduleExpression: 'rate(1 hour)',
    Target: { Arn: queueArn('nenhuma'), DeadLetterConfig },
  })
  await igarape.clock.advance({ hours: 1 })

  const { platform } = igarape.server
  const { traces } = traceSummaries(platform, new URLSearchParams({ subject: scheduleArn('agenda') }))
  expect(traces).toHaveLength(2)
  for (const { traceId } of traces) {
    const { roots } = traceOf(platform, traceId)
    expect(roots).toMatchObject([{ service: 'scheduler', action: 'fired', resource: 'agenda', status: 'ok' }])
    const letter = { action: 'sent to dead-letter queue', status: 'failed', detail: { condition: 'NonRetryable' } }
    expect(roots[0]?.children).toMatchObject([letter])
  }
  expect(await bodies(igarape, 'mortas')).toHaveLength(2)
})

test('a day of a rule that fires every minute is 1,440 events, each with its own time', async ({ igarape }) => {
  const Arn = await queue(igarape, 'fila')
  const events = igarape.client(EventBridgeClient)
  const start = igarape.clock.now().getTime()
  await events.send(new PutRuleCommand({ Name: 'minuto', ScheduleExpression: 'rate(1 minute)' }))
  await events.send(new PutTargetsCommand({ Rule: 'minuto', Targets: [{ Id: 'fila', Arn, InputPath: '$.time' }] }))
  await igarape.clock.advance({ hours: 24 })

  const times = await bodies(igarape, 'fila')
  const wanted = (minutes: number) =>
    JSON.stringify(`${new Date(start + minutes * 60_000).toISOString().slice(0, 19)}Z`)
  expect(times).toHaveLength(1_440)
  expect(new Set(times)).toEqual(new Set(Array.from({ length: 1_440 }, (_, at) => wanted(at + 1))))
}, 120_000)
