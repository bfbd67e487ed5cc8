/**
 * Deleting a group deletes its schedules, a handful in each commit, so that a group of a hundred thousand holds nobody
 * up. Killed at any line, the row tells that there is more to do.
 */
import { type Due, dueQueue, worker } from '../../delivery/due.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { defaultGroup, groups, mustGetGroup } from './groups.ts'
import { removeSchedule, schedules } from './scheduleRecords.ts'

const { ValidationException } = awsErrors('scheduler')

/** Schedules deleted in one commit. */
const schedulesPerCommit = 500

/** By the group's name. */
const groupDeletions = dueQueue<Due>('scheduler/group-deletions')

export const groupDeletionOperations = operations('scheduler', {
  async DeleteScheduleGroup({ Name }, ctx) {
    if (Name === defaultGroup) throw ValidationException('Cannot delete the default schedule group.')
    await ctx.commit((tx) => {
      const group = mustGetGroup(tx, Name)
      if (group.state === 'DELETING') return
      tx.in(groups).put({ ...group, state: 'DELETING', modifiedAt: tx.now })
      tx.due(groupDeletions).put({ id: Name, dueAt: tx.now })
    })
    return {}
  },
})

export const groupDeletionWorker = worker('scheduler/group-deletions', {
  queue: groupDeletions,
  async run({ id: name }, ctx) {
    for (let more = true; more; ) {
      more = await ctx.commit((tx) => {
        const some = [...tx.in(schedules).list({ prefix: [name], limit: schedulesPerCommit })]
        for (const schedule of some) removeSchedule(tx, schedule)
        if (some.length === schedulesPerCommit) return true
        tx.in(groups).delete(name)
        tx.due(groupDeletions).delete(name)
        return false
      })
    }
  },
})
