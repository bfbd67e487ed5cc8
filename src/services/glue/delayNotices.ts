/** "Glue Job Run Status": a run that is not over when its NotifyDelayAfter has passed is an event. */
import { worker } from '../../delivery/due.ts'
import { type DueRun, dueNotices, finalStates, jobRuns } from './jobRunRecords.ts'

export const delayWorker = worker<DueRun>('glue/delay-notices', {
  queue: dueNotices,
  async run({ id, jobName }, ctx) {
    await ctx.commit((tx) => {
      tx.due(dueNotices).delete(id)
      const run = tx.in(jobRuns).get(jobName, id)
      if (!run || finalStates.includes(run.state)) return
      tx.emit({
        source: 'aws.glue',
        'detail-type': 'Glue Job Run Status',
        detail: {
          jobName,
          severity: 'INFO',
          notificationCondition: { NotifyDelayAfter: run.settings.NotificationProperty?.NotifyDelayAfter },
          state: run.state,
          jobRunId: id,
          message: `Job is in ${run.state} state`,
          startedOn: new Date(run.startedAt).toISOString(),
        },
        resources: [],
      })
    })
  },
})
