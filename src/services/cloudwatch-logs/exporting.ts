/**
 * Writes export tasks' files as AWS lays them out: PREFIX/aws-logs-write-test, and PREFIX/TASK/STREAM/000000.gz with
 * a line for each event. Killed at any line it begins anew, and writes the same objects over.
 */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Context } from '../../delivery/context.ts'
import { worker } from '../../delivery/due.ts'
import { isAwsError } from '../../delivery/platform.ts'
import { eventsBetween } from './eventReading.ts'
import { type ExportTask, exports, exportTasks, isActive } from './exportTasks.ts'
import { mustGetGroup } from './groups.ts'
import { streams } from './streamRecords.ts'

/** Of lines, before they are compressed. */
const fileCharactersMax = 32 * 1024 * 1024
const compress = promisify(gzip)

export const exportWorker = worker('logs/exports', {
  queue: exports,
  concurrency: 2,
  async run({ id }, ctx) {
    const task = ctx.in(exportTasks).get(id)
    if (!task || !isActive(task)) return ctx.commit((tx) => tx.due(exports).delete(id))
    await setStatus(ctx, id, { status: 'RUNNING', message: 'Started successfully' })
    try {
      await exportGroup(ctx, task)
      await setStatus(ctx, id, { status: 'COMPLETED', message: 'Completed successfully' })
    } catch (error) {
      if (!isAwsError(error)) throw error
      await setStatus(ctx, id, { status: 'FAILED', message: error.message })
    }
  },
})

/** A task that was cancelled meanwhile stays so. */
async function setStatus(ctx: Context, id: string, said: Pick<ExportTask, 'status' | 'message'>): Promise<void> {
  await ctx.commit((tx) => {
    const task = tx.in(exportTasks).get(id)
    if (!task || !isActive(task)) return
    const isOver = said.status !== 'RUNNING'
    tx.in(exportTasks).put({ ...task, ...said, ...(isOver && { endedAt: tx.now }) })
    if (isOver) tx.due(exports).delete(id)
  })
}

async function exportGroup(ctx: Context, task: ExportTask): Promise<void> {
  const group = mustGetGroup(ctx, task.groupName)
  await put(ctx, task, 'aws-logs-write-test', Buffer.from('Permission Check Successful'))
  const range = { prefix: [group.id], startsWith: task.streamPrefix }
  for (const { id, name } of [...ctx.in(streams).list(range)]) await exportStream(ctx, task, { id, name })
}

async function exportStream(ctx: Context, task: ExportTask, stream: { id: string; name: string }): Promise<void> {
  const folder = `${task.id}/${stream.name.replaceAll('/', '-')}`
  const window = { from: task.from, to: task.to, streamIds: new Set([stream.id]) }
  let files = 0
  let lines: string[] = []
  let characters = 0
  const putFile = async () => {
    const now = ctx.in(exportTasks).get(task.id)
    if (lines.length === 0 || !now || !isActive(now)) return
    const name = String(files++).padStart(6, '0')
    await put(ctx, task, `${folder}/${name}.gz`, await compress(`${lines.join('\n')}\n`))
    lines = []
    characters = 0
  }
  for await (const events of eventsBetween(ctx, [task.groupName], window)) {
    for (const { timestamp, message } of events) {
      const line = `${new Date(timestamp).toISOString()} ${message}`
      lines.push(line)
      characters += line.length
    }
    if (characters > fileCharactersMax) await putFile()
  }
  await putFile()
}

async function put(ctx: Context, { bucket, prefix }: ExportTask, name: string, bytes: Uint8Array): Promise<void> {
  await ctx.call('s3').PutObject({ Bucket: bucket, Key: `${prefix}/${name}`, Body: bytes })
}
