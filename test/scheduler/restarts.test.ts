/** Times that pass while the server is down: fired late, each once, as far back as the maximum event age. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge'
import { expect, test } from 'vitest'
import { virtualClock } from '../../src/clock.ts'
import { type Igarape, startIgarape } from '../../src/testkit/server.ts'
import { bodies, messages, queue, queueArn, schedule, timeText } from './world.ts'

const minute = 60_000

/** Runs a server, takes it away for some minutes, and starts another on the same folder. */
async function downFor(minutes: number, before: (igarape: Igarape) => Promise<void>): Promise<Down> {
  const data = mkdtempSync(join(tmpdir(), 'igarape-schedules-'))
  const clock = virtualClock(Date.UTC(2025, 9, 20, 8))
  const first = await startIgarape({ data, parts: { clock } })
  await before(first)
  await first.settled()
  await first.stop()
  clock.moveTo(clock.now() + minutes * minute)
  const igarape = await startIgarape({ data, parts: { clock } })
  await igarape.settled()
  const stop = async () => {
    await igarape.stop()
    rmSync(data, { recursive: true })
  }
  return { igarape, stop }
}

interface Down {
  igarape: Igarape
  stop(): Promise<void>
}

const start = new Date(Date.UTC(2025, 9, 20, 8))
const times = (...minutes: number[]) => minutes.map((after) => timeText(start, after))

test('every time that passed is fired once the server is back, with its own time', async () => {
  const { igarape, stop } = await downFor(35, async (first) => {
    await queue(first, 'fila')
    await schedule(first, { ScheduleExpression: 'rate(10 minutes)' })
    await schedule(first, {
      Name: 'uma',
      ScheduleExpression: 'at(2025-10-20T08:15:00)',
      ActionAfterCompletion: 'DELETE',
    })
  })

  expect(await bodies(igarape, 'fila')).toEqual(times(0, 10, 15, 20, 30))
  await igarape.clock.advance({ minutes: 5 })
  expect(await bodies(igarape, 'fila')).toEqual(times(40))
  await stop()
})

test('what is older than the maximum event age is not made up for, and leaves a dead letter', async () => {
  const RetryPolicy = { MaximumEventAgeInSeconds: 15 * 60 }
  const DeadLetterConfig = { Arn: queueArn('mortas') }
  const { igarape, stop } = await downFor(35, async (first) => {
    await queue(first, 'fila')
    await queue(first, 'mortas')
    await schedule(first, { ScheduleExpression: 'rate(10 minutes)', Target: { RetryPolicy, DeadLetterConfig } })
  })

  expect(await bodies(igarape, 'fila')).toEqual(times(0, 20, 30))
  const [letter, ...more] = await messages(igarape, 'mortas')
  expect(letter?.MessageAttributes?.SCHEDULED_TIME?.StringValue).toBe(times(10)[0])
  expect(letter?.MessageAttributes?.EXHAUSTED_RETRY_CONDITION?.StringValue).toBe('MaximumEventAgeInSeconds')
  expect(more).toEqual([])
  await stop()
})

test('a scheduled rule fires for every time of the last day, to targets that still want it', async () => {
  const { igarape, stop } = await downFor(25 * 60, async (first) => {
    await queue(first, 'fila')
    await queue(first, 'exigente')
    const events = first.client(EventBridgeClient)
    await events.send(new PutRuleCommand({ Name: 'hora', ScheduleExpression: 'cron(0 * * * ? *)' }))
    const Targets = [
      { Id: 'fila', Arn: queueArn('fila'), InputPath: '$.time' },
      {
        Id: 'exigente',
        Arn: queueArn('exigente'),
        InputPath: '$.time',
        RetryPolicy: { MaximumEventAgeInSeconds: 7200 },
      },
    ]
    await events.send(new PutTargetsCommand({ Rule: 'hora', Targets }))
  })

  const quoted = (time: string) => JSON.stringify(time)
  const hours = Array.from({ length: 25 }, (_, at) => (at + 1) * 60)
  expect(await bodies(igarape, 'fila')).toEqual(times(...hours).map(quoted))
  expect(await bodies(igarape, 'exigente')).toEqual(times(...hours.slice(-3)).map(quoted))
  await stop()
})
