/**
 * How an event starts a workflow: its EVENT trigger gathers event ids until the batch is full or its window ends, and
 * then begins a run. The ids are durable with the delivery; a run that has no place waits for one.
 */
import { parseArn } from '../../delivery/arn.ts'
import type { Tx } from '../../delivery/context.ts'
import { DeliveryRefused, target } from '../../delivery/delivery.ts'
import { worker } from '../../delivery/due.ts'
import { AwsError } from '../../wire/errors.ts'
import { startWorkflow } from './firing.ts'
import { type Trigger, triggers } from './triggers.ts'
import { triggersOf } from './workflowGraph.ts'
import { type EventBatch, eventBatches } from './workflowRecords.ts'

const windowSecondsDefault = 900
/** A workflow whose runs are all taken is tried again after this. */
const waitMilliseconds = 5_000

export const workflowTarget = target('glue', {
  handles: (resource) => resource.startsWith('workflow/'),
  accept(tx, { arn, parameters = {} }) {
    const { account = '', region = '', resource = '' } = parseArn(arn) ?? {}
    const there = tx.at({ account, region })
    const name = resource.slice('workflow/'.length)
    const trigger = triggersOf(there, name).find(
      ({ settings, state }) => settings.Type === 'EVENT' && state !== 'DEACTIVATED',
    )
    if (!trigger) throw new DeliveryRefused('EntityNotFoundException', `Workflow ${name} has no event trigger.`)
    gather(there, trigger, String(parameters.eventId))
  },
})

/** Begins the run of a batch that is full or whose window has ended. */
export const eventBatchWorker = worker<EventBatch>('glue/event-batches', {
  queue: eventBatches,
  async run({ id }, ctx) {
    await ctx.commit((tx) => {
      const batch = tx.due(eventBatches).get(id)
      const trigger = tx.in(triggers).get(id.split('#')[0] as string)
      if (!batch || !trigger?.settings.WorkflowName) {
        tx.due(eventBatches).delete(id)
        return
      }
      try {
        tx.savepoint(() =>
          startWorkflow(tx, trigger.settings.WorkflowName as string, { trigger, eventIds: batch.eventIds }),
        )
        tx.due(eventBatches).delete(id)
      } catch (error) {
        if (!(error instanceof AwsError)) throw error
        if (error.code === 'ConcurrentRunsExceededException')
          tx.due(eventBatches).put({ ...batch, dueAt: tx.now + waitMilliseconds })
        else tx.due(eventBatches).delete(id)
      }
    })
  },
})

/** A full batch gets a row of its own, so that later events begin another. */
function gather(tx: Tx, trigger: Trigger, eventId: string): void {
  const { BatchSize = 1, BatchWindow = windowSecondsDefault } = trigger.settings.EventBatchingCondition ?? {}
  const open = tx.due(eventBatches).get(trigger.name)
  const eventIds = [...(open?.eventIds ?? []), eventId]
  if (eventIds.length < (BatchSize ?? 1)) {
    tx.due(eventBatches).put({
      id: trigger.name,
      eventIds,
      dueAt: open?.dueAt ?? tx.now + BatchWindow * 1000,
      trace: tx.trace,
    })
    return
  }
  tx.due(eventBatches).delete(trigger.name)
  tx.due(eventBatches).put({ id: `${trigger.name}#${tx.random.uuid()}`, eventIds, dueAt: tx.now, trace: tx.trace })
}
