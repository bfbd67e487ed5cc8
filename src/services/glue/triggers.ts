/** Triggers: what starts jobs. How they fire is in firing.ts. */
import type { CreateTriggerCommandInput, Trigger as TriggerOutput, TriggerUpdate } from '@aws-sdk/client-glue'
import type { Context, Tx } from '../../delivery/context.ts'
import { type Due, dueQueue, worker } from '../../delivery/due.ts'
import { InvalidSchedule, nextAfter, parseSchedule } from '../../engines/schedules/scheduleExpressions.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { fireAlone } from './firing.ts'
import { glueArn } from './names.ts'
import { pageOf } from './pages.ts'
import { putTags, tagSets } from './tags.ts'
import { mustGetWorkflow } from './workflows.ts'

const { AlreadyExistsException, EntityNotFoundException, InvalidInputException } = awsErrors('glue')

export type TriggerSettings = Omit<CreateTriggerCommandInput, 'Name' | 'Tags' | 'StartOnCreation'>

export interface Trigger {
  name: string
  settings: TriggerSettings
  state: 'CREATED' | 'ACTIVATED' | 'DEACTIVATED'
  /** Outside a workflow: which conditions of an AND were met since it last fired. */
  met?: number[]
}

export const triggers = collection<Trigger>('glue/triggers', { version: 1, key: (trigger) => [trigger.name] })

export const dueTriggers = dueQueue<Due>('glue/schedules')

export const triggerOperations = operations('glue', {
  async CreateTrigger(input, ctx) {
    const { Name: name, Tags, StartOnCreation, ...settings } = input
    checkTrigger(settings as TriggerSettings)
    await ctx.commit((tx) => {
      if (tx.in(triggers).has(name)) throw AlreadyExistsException(`Trigger with name ${name} already exists.`)
      if (settings.WorkflowName) mustGetWorkflow(tx, settings.WorkflowName)
      // An event trigger listens from its creation on and stays CREATED; so Terraform knows it.
      const starts = StartOnCreation && settings.Type !== 'EVENT'
      const trigger: Trigger = { name, settings: settings as TriggerSettings, state: starts ? 'ACTIVATED' : 'CREATED' }
      tx.in(triggers).put(trigger)
      arm(tx, trigger)
      putTags(tx, glueArn(ctx, 'trigger', name), Tags ?? {})
    })
    return { Name: name }
  },

  async GetTrigger(input, ctx) {
    return { Trigger: triggerOutput(mustGetTrigger(ctx, input.Name as string)) }
  },

  async GetTriggers(input, ctx) {
    const all = [...ctx.in(triggers).list()].filter(
      ({ settings }) => !input.DependentJobName || startsJob(settings, input.DependentJobName),
    )
    const { items, next } = pageOf(all, input)
    return { Triggers: items.map(triggerOutput), ...next }
  },

  async BatchGetTriggers(input, ctx) {
    const found = input.TriggerNames.flatMap((name) => ctx.in(triggers).get(name) ?? [])
    return {
      Triggers: found.map(triggerOutput),
      TriggersNotFound: input.TriggerNames.filter((name) => !found.some((trigger) => trigger.name === name)),
    }
  },

  async ListTriggers(input, ctx) {
    const wanted = Object.entries(input.Tags ?? {})
    const all = [...ctx.in(triggers).list()].filter(({ name, settings }) => {
      const tags = ctx.in(tagSets).get(glueArn(ctx, 'trigger', name))?.tags ?? {}
      const hasTags = wanted.every(([key, value]) => tags[key] === value)
      return hasTags && (!input.DependentJobName || startsJob(settings, input.DependentJobName))
    })
    const { items, next } = pageOf(all, input)
    return { TriggerNames: items.map((trigger) => trigger.name), ...next }
  },

  async UpdateTrigger(input, ctx) {
    const update = input.TriggerUpdate as TriggerUpdate
    const updated = await ctx.commit((tx) => {
      const there = mustGetTrigger(tx, input.Name as string)
      const { Name: _name, ...changes } = update
      const settings = { ...there.settings, ...changes } as TriggerSettings
      checkTrigger(settings)
      const trigger = { ...there, settings, met: [] }
      tx.in(triggers).put(trigger)
      arm(tx, trigger)
      return trigger
    })
    return { Trigger: triggerOutput(updated) }
  },

  async StartTrigger(input, ctx) {
    await ctx.commit((tx) => {
      const there = mustGetTrigger(tx, input.Name as string)
      if (there.settings.Type === 'ON_DEMAND') {
        fireAlone(tx, there)
        return
      }
      const trigger: Trigger = { ...there, state: 'ACTIVATED' }
      tx.in(triggers).put(trigger)
      arm(tx, trigger)
    })
    return { Name: input.Name }
  },

  async StopTrigger(input, ctx) {
    await ctx.commit((tx) => {
      const trigger: Trigger = { ...mustGetTrigger(tx, input.Name as string), state: 'DEACTIVATED', met: [] }
      tx.in(triggers).put(trigger)
      arm(tx, trigger)
    })
    return { Name: input.Name }
  },

  async DeleteTrigger(input, ctx) {
    const name = input.Name as string
    await ctx.commit((tx) => {
      tx.in(triggers).delete(name)
      tx.due(dueTriggers).delete(name)
      putTags(tx, glueArn(ctx, 'trigger', name), undefined)
    })
    return { Name: name }
  },
})

/** Fires scheduled triggers at their times. */
export const scheduleWorker = worker<Due>('glue/schedules', {
  queue: dueTriggers,
  async run({ id }, ctx) {
    await ctx.commit((tx) => {
      const trigger = tx.in(triggers).get(id)
      if (trigger?.state !== 'ACTIVATED') {
        tx.due(dueTriggers).delete(id)
        return
      }
      fireAlone(tx, trigger)
      arm(tx, trigger)
    })
  },
})

/** Errors: EntityNotFoundException. */
export function mustGetTrigger(ctx: Pick<Context | Tx, 'in'>, name: string): Trigger {
  const trigger = ctx.in(triggers).get(name)
  if (!trigger) throw EntityNotFoundException(`Trigger ${name} not found.`)
  return trigger
}

function checkTrigger({ Type, Actions = [], Predicate, Schedule, WorkflowName }: TriggerSettings): void {
  if (Actions.some(({ JobName, CrawlerName }) => Boolean(JobName) === Boolean(CrawlerName)))
    throw InvalidInputException('Each action must name either a job or a crawler.')
  if (Actions.length === 0) throw InvalidInputException('Actions cannot be empty.')
  if (Type === 'CONDITIONAL' && !Predicate?.Conditions?.length)
    throw InvalidInputException('A conditional trigger requires a predicate.')
  if (Type === 'EVENT' && !WorkflowName)
    throw InvalidInputException('An event trigger must be associated with a workflow.')
  if (Type !== 'SCHEDULED') return
  try {
    parseSchedule(Schedule ?? '')
  } catch (error) {
    if (error instanceof InvalidSchedule) throw InvalidInputException(`Invalid schedule: ${Schedule}`)
    throw error
  }
}

/** The row that wakes a scheduled trigger, or none. */
function arm(tx: Tx, { name, settings, state }: Trigger): void {
  const next =
    settings.Type === 'SCHEDULED' && state === 'ACTIVATED'
      ? nextAfter(parseSchedule(settings.Schedule ?? ''), tx.now)
      : undefined
  if (next === undefined) tx.due(dueTriggers).delete(name)
  else tx.due(dueTriggers).put({ id: name, dueAt: next })
}

function startsJob({ Actions = [] }: TriggerSettings, job: string): boolean {
  return Actions.some((action) => action.JobName === job)
}

export function triggerOutput({ name, settings, state }: Trigger): TriggerOutput {
  return { ...settings, Name: name, State: state }
}
