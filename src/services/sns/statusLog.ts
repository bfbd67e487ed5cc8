/** One event into a log group, which is made with its stream where it is not there yet. */
import type { Context } from '../../delivery/context.ts'
import { AwsError } from '../../wire/errors.ts'

export interface LogLine {
  group: string
  at: number
  message: string
}

/** One stream a day. */
export async function writeToLog(ctx: Context, { group, at, message }: LogLine): Promise<void> {
  const logs = ctx.call('cloudwatch-logs')
  const stream = { logGroupName: group, logStreamName: new Date(at).toISOString().slice(0, 10) }
  const put = () => logs.PutLogEvents({ ...stream, logEvents: [{ timestamp: at, message }] })
  const isMissing = await failsWith('ResourceNotFoundException', put)
  if (!isMissing) return
  await failsWith('ResourceAlreadyExistsException', () => logs.CreateLogGroup({ logGroupName: group }))
  await failsWith('ResourceAlreadyExistsException', () => logs.CreateLogStream(stream))
  await put()
}

/** Whether it failed by this code; any other error goes on. */
async function failsWith(code: string, act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act()
    return false
  } catch (error) {
    if (error instanceof AwsError && error.code === code) return true
    throw error
  }
}
