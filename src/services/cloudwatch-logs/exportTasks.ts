/** Export tasks: a group's events of some time, as files in a bucket. One at a time, as on AWS; exporting.ts does it. */
import type { ExportTask as Described, ExportTaskStatusCode } from '@aws-sdk/client-cloudwatch-logs'
import type { Millis } from '../../clock.ts'
import type { Context } from '../../delivery/context.ts'
import { type Due, dueQueue } from '../../delivery/due.ts'
import { collection } from '../../store/collection.ts'
import { AwsError, awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { mustGetGroup } from './groups.ts'
import { pageOf } from './pages.ts'

export interface ExportTask {
  id: string
  name?: string
  groupName: string
  streamPrefix: string
  from: Millis
  to: Millis
  bucket: string
  prefix: string
  status: ExportTaskStatusCode
  message: string
  createdAt: Millis
  endedAt?: Millis
}

export const exportTasks = collection<ExportTask>('logs/export-tasks', { version: 1, key: (task) => [task.id] })
/** By the task's id. */
export const exports = dueQueue<Due>('logs/exports')

const { InvalidOperationException, InvalidParameterException, LimitExceededException, ResourceNotFoundException } =
  awsErrors('cloudwatch-logs')

export function isActive({ status }: ExportTask): boolean {
  return status === 'PENDING' || status === 'RUNNING'
}

export const exportTaskOperations = operations('cloudwatch-logs', {
  async CreateExportTask(input, ctx) {
    const { taskName, logGroupName, logStreamNamePrefix = '', from, to, destination, destinationPrefix } = input
    if (from > to) throw InvalidParameterException('The from time must not be later than the to time.')
    await checkBucket(ctx, destination)
    const id = ctx.random.uuid()
    await ctx.commit((tx) => {
      const group = mustGetGroup(tx, logGroupName)
      if ([...tx.in(exportTasks).list()].some(isActive)) throw LimitExceededException('Resource limit exceeded.')
      tx.in(exportTasks).put({
        id,
        ...(taskName !== undefined && { name: taskName }),
        groupName: group.name,
        streamPrefix: logStreamNamePrefix,
        from,
        to,
        bucket: destination,
        prefix: destinationPrefix || 'exportedlogs',
        status: 'PENDING',
        message: 'Created successfully',
        createdAt: tx.now,
      })
      tx.due(exports).put({ id, dueAt: tx.now })
    })
    return { taskId: id }
  },

  async DescribeExportTasks(input, ctx) {
    const { taskId, statusCode, nextToken: token, limit } = input
    const found = [...ctx.in(exportTasks).list()].filter(
      ({ id, status }) =>
        (taskId === undefined || id === taskId) && (statusCode === undefined || status === statusCode),
    )
    const { items, nextToken } = pageOf(found, ({ id }) => id, { token, limit })
    return { exportTasks: items.map(describe), ...(nextToken && { nextToken }) }
  },

  async CancelExportTask(input, ctx) {
    await ctx.commit((tx) => {
      const task = tx.in(exportTasks).get(input.taskId)
      if (!task) throw ResourceNotFoundException('The specified export task does not exist.')
      if (!isActive(task)) throw InvalidOperationException('The specified export task has already finished.')
      tx.in(exportTasks).put({ ...task, status: 'CANCELLED', message: 'Cancelled', endedAt: tx.now })
      tx.due(exports).delete(task.id)
    })
    return {}
  },
})

/** Errors: InvalidParameterException. */
async function checkBucket(ctx: Context, bucket: string): Promise<void> {
  try {
    await ctx.call('s3').HeadBucket({ Bucket: bucket })
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    throw InvalidParameterException('The given bucket does not exist. Please check if the bucket specified is correct.')
  }
}

function describe({ id, name, groupName, from, to, bucket, prefix, ...task }: ExportTask): Described {
  return {
    taskId: id,
    ...(name !== undefined && { taskName: name }),
    logGroupName: groupName,
    from,
    to,
    destination: bucket,
    destinationPrefix: prefix,
    status: { code: task.status, message: task.message },
    executionInfo: {
      creationTime: task.createdAt,
      ...(task.endedAt !== undefined && { completionTime: task.endedAt }),
    },
  }
}
