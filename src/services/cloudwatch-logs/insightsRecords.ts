/** One event with all its fields (GetLogRecord), and which fields a group's events have (GetLogGroupFields). */
import { discoveredFields } from '../../engines/insights/discoveredFields.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { shownBy } from './dataProtection.ts'
import { eventAt, eventsBetween } from './eventReading.ts'
import { mustGetGroup, namedGroup } from './groups.ts'

const { InvalidParameterException } = awsErrors('cloudwatch-logs')

const minuteMillis = 60_000
const sampledMax = 10_000
const systemFields = ['@ingestionTime', '@log', '@logStream', '@message', '@timestamp']

export const recordOperations = operations('cloudwatch-logs', {
  async GetLogRecord(input, ctx) {
    const event = await eventAt(ctx, input.logRecordPointer)
    if (!event) throw InvalidParameterException('The specified logRecordPointer is invalid.')
    const { timestamp, ingestionTime, stream, group, ptr } = event
    const shown = shownBy(ctx, mustGetGroup(ctx, group))
    const message = input.unmask ? event.message : shown(event.message, ingestionTime)
    return {
      logRecord: {
        '@timestamp': String(timestamp),
        '@ingestionTime': String(ingestionTime),
        '@message': message,
        '@logStream': stream,
        '@log': `${ctx.account}:${group}`,
        '@ptr': ptr,
        ...Object.fromEntries(discoveredFields(message, group)),
      },
    }
  },

  async GetLogGroupFields(input, ctx) {
    const group = mustGetGroup(ctx, namedGroup(input))
    const now = ctx.clock.now()
    const center = input.time === undefined ? undefined : input.time * 1_000
    const from = center === undefined ? now - 15 * minuteMillis : center - 8 * minuteMillis
    const to = center === undefined ? now : center + 8 * minuteMillis
    const counts = new Map<string, number>()
    let events = 0
    for await (const found of eventsBetween(ctx, [group.name], { from, to })) {
      for (const { message } of found) {
        events++
        for (const name of discoveredFields(message, group.name).keys()) counts.set(name, (counts.get(name) ?? 0) + 1)
      }
      if (events >= sampledMax) break
    }
    if (events === 0) return { logGroupFields: [] }
    const found = [...counts].map(([name, count]) => ({ name, percent: Math.round((count * 100) / events) }))
    const all = [...systemFields.map((name) => ({ name, percent: 100 })), ...found]
    return { logGroupFields: all.sort((left, right) => right.percent - left.percent) }
  },
})
