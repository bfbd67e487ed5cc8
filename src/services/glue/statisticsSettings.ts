/** Column statistics that a table is given again and again: by a schedule of its own, with the settings that are kept here. */
import type { ColumnStatisticsTaskSettings as SettingsOutput } from '@aws-sdk/client-glue'
import type { Context, Tx } from '../../delivery/context.ts'
import { type Due, dueQueue, worker } from '../../delivery/due.ts'
import { nextAfter, parseSchedule } from '../../engines/schedules/scheduleExpressions.ts'
import { collection } from '../../store/collection.ts'
import { AwsError, awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { checkSchedule } from './crawlerSettings.ts'
import { dateOf } from './names.ts'
import { startStatisticsRun, statisticsRuns } from './statisticsTasks.ts'
import { mustGetTable } from './tables.ts'

const { AlreadyExistsException, EntityNotFoundException, InvalidInputException } = awsErrors('glue')

export interface StatisticsSettings {
  database: string
  table: string
  role: string
  schedule?: string
  isScheduled: boolean
  columns?: string[]
  samplePercent?: number
  securityConfiguration?: string
  lastAttempt?: { at: number; runId?: string; error?: string }
}

export const statisticsSettings = collection<StatisticsSettings>('glue/statistics-settings', {
  version: 1,
  key: ({ database, table }) => [database, table],
})

interface DueStatistics extends Due {
  database: string
  table: string
}

const dueStatisticsSchedules = dueQueue<DueStatistics>('glue/statistics-schedules')

type Place = { DatabaseName: string; TableName: string }

export const statisticsSettingsOperations = operations('glue', {
  async CreateColumnStatisticsTaskSettings(input, ctx) {
    if (input.Schedule) checkSchedule(input.Schedule)
    await ctx.commit((tx) => {
      const { database, name: table } = mustGetTable(tx, input.DatabaseName, input.TableName)
      if (tx.in(statisticsSettings).has(database, table))
        throw AlreadyExistsException(`Column statistics task settings of ${database}.${table} already exist.`)
      put(tx, { database, table, role: input.Role, isScheduled: Boolean(input.Schedule), ...given(input) })
    })
    return {}
  },

  async UpdateColumnStatisticsTaskSettings(input, ctx) {
    if (input.Schedule) checkSchedule(input.Schedule)
    await ctx.commit((tx) => {
      const there = mustGet(tx, input)
      const isScheduled = input.Schedule ? true : there.isScheduled
      put(tx, { ...there, ...(input.Role && { role: input.Role }), isScheduled, ...given(input) })
    })
    return {}
  },

  async GetColumnStatisticsTaskSettings(input, ctx) {
    return { ColumnStatisticsTaskSettings: output(ctx, mustGet(ctx, input)) }
  },

  async DeleteColumnStatisticsTaskSettings(input, ctx) {
    await ctx.commit((tx) => {
      const { database, table } = mustGet(tx, input)
      deleteStatisticsSettings(tx, [database, table])
    })
    return {}
  },

  async StartColumnStatisticsTaskRunSchedule(input, ctx) {
    await ctx.commit((tx) => {
      const there = mustGet(tx, input)
      if (!there.schedule) throw InvalidInputException('The column statistics task settings have no schedule.')
      put(tx, { ...there, isScheduled: true })
    })
    return {}
  },

  async StopColumnStatisticsTaskRunSchedule(input, ctx) {
    await ctx.commit((tx) => put(tx, { ...mustGet(tx, input), isScheduled: false }))
    return {}
  },
})

/** Starts task runs at their times. A time that comes while one runs is told as a failed attempt. */
export const statisticsScheduleWorker = worker<DueStatistics>('glue/statistics-schedules', {
  queue: dueStatisticsSchedules,
  async run({ id, database, table }, ctx) {
    await ctx.commit((tx) => {
      const settings = tx.in(statisticsSettings).get(database, table)
      if (!settings?.isScheduled) {
        tx.due(dueStatisticsSchedules).delete(id)
        return
      }
      put(tx, { ...settings, lastAttempt: { at: tx.now, ...attempt(tx, settings) } })
    })
  },
})

function attempt(tx: Tx, settings: StatisticsSettings): { runId?: string; error?: string } {
  const { database, table, columns, samplePercent, role } = settings
  try {
    const wanted = { ...(columns && { columns }), ...(samplePercent !== undefined && { samplePercent }), role }
    return tx.savepoint(() => ({ runId: startStatisticsRun(tx, mustGetTable(tx, database, table), wanted).id }))
  } catch (error) {
    if (error instanceof AwsError) return { error: error.message }
    throw error
  }
}

/** With the row that wakes them, or none. */
function put(tx: Tx, settings: StatisticsSettings): void {
  tx.in(statisticsSettings).put(settings)
  const { database, table, schedule, isScheduled } = settings
  const id = `${database}.${table}`
  const next = schedule && isScheduled ? nextAfter(parseSchedule(schedule), tx.now) : undefined
  if (next === undefined) tx.due(dueStatisticsSchedules).delete(id)
  else tx.due(dueStatisticsSchedules).put({ id, database, table, dueAt: next })
}

/** A table takes its settings along. */
export function deleteStatisticsSettings(tx: Tx, [database, table]: [string, string]): void {
  tx.in(statisticsSettings).delete(database, table)
  tx.due(dueStatisticsSchedules).delete(`${database}.${table}`)
}

interface Given {
  Schedule?: string | undefined
  ColumnNameList?: string[] | undefined
  SampleSize?: number | undefined
  SecurityConfiguration?: string | undefined
}

function given({ Schedule, ColumnNameList, SampleSize, SecurityConfiguration }: Given) {
  return {
    ...(Schedule && { schedule: Schedule }),
    ...(ColumnNameList && { columns: ColumnNameList.map((name) => name.toLowerCase()) }),
    ...(SampleSize !== undefined && { samplePercent: SampleSize }),
    ...(SecurityConfiguration && { securityConfiguration: SecurityConfiguration }),
  }
}

/** Errors: EntityNotFoundException. */
function mustGet(ctx: Pick<Context | Tx, 'in'>, { DatabaseName, TableName }: Place): StatisticsSettings {
  const { database, name } = mustGetTable(ctx, DatabaseName, TableName)
  const found = ctx.in(statisticsSettings).get(database, name)
  if (!found) throw EntityNotFoundException(`Column statistics task settings of ${database}.${name} not found.`)
  return found
}

function output(ctx: Context, settings: StatisticsSettings): SettingsOutput {
  const { schedule: ScheduleExpression, isScheduled, lastAttempt, columns, samplePercent } = settings
  const run = lastAttempt?.runId && ctx.in(statisticsRuns).get(lastAttempt.runId)
  return {
    DatabaseName: settings.database,
    TableName: settings.table,
    CatalogID: ctx.account,
    Role: settings.role,
    ScheduleType: ScheduleExpression ? 'CRON' : undefined,
    SettingSource: 'TABLE',
    ...(ScheduleExpression && { Schedule: { ScheduleExpression, State: isScheduled ? 'SCHEDULED' : 'NOT_SCHEDULED' } }),
    ...(columns && { ColumnNameList: columns }),
    ...(samplePercent !== undefined && { SampleSize: samplePercent }),
    ...(settings.securityConfiguration && { SecurityConfiguration: settings.securityConfiguration }),
    ...(lastAttempt && {
      LastExecutionAttempt: {
        Status: lastAttempt.error ? ('FAILED' as const) : ('STARTED' as const),
        ExecutionTimestamp: dateOf(lastAttempt.at),
        ...(run && { ColumnStatisticsTaskRunId: run.id }),
        ...(lastAttempt.error && { ErrorMessage: lastAttempt.error }),
      },
    }),
  }
}
