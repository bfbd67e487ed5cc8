/** When schedules fire: rates, calendars, time zones, windows, dates, and what completes. */
import { GetScheduleCommand, SchedulerClient, UpdateScheduleCommand } from '@aws-sdk/client-scheduler'
import { describe, expect } from 'vitest'
import type { VirtualClock } from '../../src/clock.ts'
import { test } from '../fixture.ts'
import { account, bodies, queue, schedule, scheduled, timeText } from './world.ts'

const minute = 60_000
const later = (from: Date, minutes: number) => new Date(from.getTime() + minutes * minute)
/** As `at` has it. */
const wall = (time: Date) => time.toISOString().slice(0, 19)

describe('a rate', () => {
  test('fires when it is made, and at each of its times', async ({ igarape }) => {
    await queue(igarape, 'fila')
    const start = igarape.clock.now()
    await schedule(igarape, { ScheduleExpression: 'rate(10 minutes)' })
    await igarape.clock.advance({ minutes: 35 })

    expect(await bodies(igarape, 'fila')).toEqual([0, 10, 20, 30].map((minutes) => timeText(start, minutes)))
  })

  test('begins at its StartDate and ends by its EndDate', async ({ igarape }) => {
    await queue(igarape, 'fila')
    const start = igarape.clock.now()
    const dates = { StartDate: later(start, 5), EndDate: later(start, 8) }
    await schedule(igarape, dates)
    await igarape.clock.advance({ hours: 1 })

    const times = await bodies(igarape, 'fila')
    expect(times).toEqual([5, 6, 7, 8].map((minutes) => timeText(start, minutes)))
  })

  test('of one minute fires 1,441 times in a day, each with its own time', async ({ igarape }) => {
    await queue(igarape, 'fila')
    const start = igarape.clock.now()
    await schedule(igarape)
    await igarape.clock.advance({ hours: 24 })

    const times = await bodies(igarape, 'fila')
    expect(times).toHaveLength(1_441)
    expect(new Set(times)).toEqual(new Set(Array.from({ length: 1_441 }, (_, at) => timeText(start, at))))
  }, 60_000)
})

describe('a time of its own', () => {
  test('fires once, and stays until it is deleted', async ({ igarape }) => {
    await queue(igarape, 'fila')
    const start = igarape.clock.now()
    await schedule(igarape, { ScheduleExpression: `at(${wall(later(start, 30))})` })
    await igarape.clock.advance({ minutes: 29 })
    expect(await bodies(igarape, 'fila')).toEqual([])
    await igarape.clock.advance({ days: 3 })

    expect(await bodies(igarape, 'fila')).toEqual([timeText(start, 30)])
    const { State } = await igarape.client(SchedulerClient).send(new GetScheduleCommand({ Name: 'agenda' }))
    expect(State).toBe('ENABLED')
  })

  test('is deleted after it has fired where that is asked for', async ({ igarape }) => {
    await queue(igarape, 'fila')
    const ScheduleExpression = `at(${wall(later(igarape.clock.now(), 30))})`
    await schedule(igarape, { ScheduleExpression, ActionAfterCompletion: 'DELETE' })
    await igarape.clock.advance({ minutes: 30 })

    expect(await bodies(igarape, 'fila')).toHaveLength(1)
    await expect(
      igarape.client(SchedulerClient).send(new GetScheduleCommand({ Name: 'agenda' })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException', message: 'Schedule agenda does not exist.' })
  })

  test('that has passed fires at once', async ({ igarape }) => {
    await queue(igarape, 'fila')
    const past = later(igarape.clock.now(), -30)
    await schedule(igarape, { ScheduleExpression: `at(${wall(past)})` })
    await igarape.settled()

    expect(await bodies(igarape, 'fila')).toEqual([timeText(past)])
  })
})

test('a recurring schedule completes with its last time before the EndDate, and never without one', async ({
  igarape,
}) => {
  await queue(igarape, 'fila')
  const EndDate = later(igarape.clock.now(), 2)
  await schedule(igarape, { EndDate, ActionAfterCompletion: 'DELETE' })
  await schedule(igarape, {
    Name: 'sem-fim',
    ScheduleExpression: 'cron(0 0 1 1 ? 2020)',
    ActionAfterCompletion: 'DELETE',
  })
  await igarape.clock.advance({ minutes: 5 })

  const scheduler = igarape.client(SchedulerClient)
  expect(await bodies(igarape, 'fila')).toHaveLength(3)
  await expect(scheduler.send(new GetScheduleCommand({ Name: 'agenda' }))).rejects.toThrow('does not exist')
  await expect(scheduler.send(new GetScheduleCommand({ Name: 'sem-fim' }))).resolves.toMatchObject({ Name: 'sem-fim' })
})

test('a calendar is read in the time zone of the schedule', async ({ igarape }) => {
  await queue(igarape, 'fila')
  const zoned = { ScheduleExpression: 'cron(30 8 * * ? *)', ScheduleExpressionTimezone: 'America/Sao_Paulo' }
  await schedule(igarape, zoned)
  await igarape.clock.advance({ days: 2 })

  expect((await bodies(igarape, 'fila')).map((time) => time.slice(11))).toEqual(['11:30:00Z', '11:30:00Z'])
})

test('in a flexible window it fires once for each time, not before it and not after the window', async ({
  igarape,
}) => {
  await queue(igarape, 'fila')
  const start = igarape.clock.now()
  const FlexibleTimeWindow = { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 } as const
  await schedule(igarape, { ScheduleExpression: 'rate(1 hour)', FlexibleTimeWindow })
  const within: string[][] = []
  const after: string[][] = []
  for (let hour = 0; hour < 6; hour++) {
    await igarape.clock.advance({ minutes: 15 })
    within.push(await bodies(igarape, 'fila'))
    await igarape.clock.advance({ minutes: 44, seconds: 59 })
    after.push(await bodies(igarape, 'fila'))
    await igarape.clock.advance({ seconds: 1 })
  }

  expect(within).toEqual([0, 1, 2, 3, 4, 5].map((hour) => [timeText(start, hour * 60)]))
  expect(after.flat()).toEqual([])
})

describe('a change', () => {
  test('of the target alone keeps the times', async ({ igarape }) => {
    await queue(igarape, 'fila')
    const start = igarape.clock.now()
    await schedule(igarape, { ScheduleExpression: 'rate(10 minutes)' })
    await igarape.clock.advance({ minutes: 5 })
    const changed = scheduled({ ScheduleExpression: 'rate(10 minutes)', Target: { Input: 'novo' } })
    await igarape.client(SchedulerClient).send(new UpdateScheduleCommand(changed))
    await igarape.clock.advance({ minutes: 5 })

    expect(await bodies(igarape, 'fila')).toEqual([timeText(start), 'novo'])
  })

  test('of the state stops it, and begins it anew', async ({ igarape }) => {
    await queue(igarape, 'fila')
    const scheduler = igarape.client(SchedulerClient)
    await schedule(igarape, { State: 'DISABLED' })
    await igarape.clock.advance({ hours: 1 })
    expect(await bodies(igarape, 'fila')).toEqual([])

    await scheduler.send(new UpdateScheduleCommand(scheduled()))
    await igarape.clock.advance({ minutes: 2 })
    await scheduler.send(new UpdateScheduleCommand(scheduled({ State: 'DISABLED' })))
    await igarape.clock.advance({ hours: 1 })
    expect(await bodies(igarape, 'fila')).toHaveLength(3)
  })

  test('that comes when a time is due lets that fire as it was', async ({ igarape }) => {
    await queue(igarape, 'fila')
    const start = igarape.clock.now()
    await schedule(igarape, { ScheduleExpression: 'rate(1 hour)' })
    await igarape.settled()
    // Both in one turn of the event loop, so that no worker comes between.
    const { platform } = igarape.server
    const clock = platform.clock as VirtualClock
    clock.moveTo(clock.now() + 60 * minute)
    const changed = scheduled({ ScheduleExpression: 'rate(2 hours)', Target: { Input: 'novo' } })
    await platform.perform('scheduler', 'UpdateSchedule', changed, platform.context({ account, region: 'us-east-1' }))
    await igarape.settled()

    expect(await bodies(igarape, 'fila')).toEqual([timeText(start), timeText(start, 60), 'novo'])
  })
})
