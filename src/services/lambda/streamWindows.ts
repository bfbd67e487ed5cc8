/**
 * Tumbling windows: a lane's records are handed over window by window, each with the state that the function returned before; when
 * a window's time is over, the function is invoked once more with its last state. Window and state lie in the lane's row, so
 * they outlive the server. Rules: AWS Lambda Developer Guide, "Implementing stateful DynamoDB stream processing in Lambda".
 */
import type { Millis } from '../../clock.ts'
import type { ChangeStream } from '../../delivery/changeStreams.ts'
import type { BatchRecord } from './streamBatches.ts'

export interface StreamWindow {
  start: Millis
  end: Millis
  /** JSON: what the function returned last. */
  state: string
  /** The state grew beyond its limit: the function is given it once more, and then begins anew. */
  isTooLarge?: true
}

const stateBytesMax = 1_048_576
const freshState = '{}'

/** The window that a record opens: windows begin at whole multiples of their length. */
export function windowAt(at: Millis, seconds: number): StreamWindow {
  const start = Math.floor(at / (seconds * 1000)) * seconds * 1000
  return { start, end: start + seconds * 1000, state: freshState }
}

/** What the function is told of the window besides the records; after it the rest of the event. */
export function windowMembers(
  stream: ChangeStream,
  { start, end, state, isTooLarge }: StreamWindow,
  isFinal: boolean,
): string {
  const rest = {
    shardId: stream.shardId,
    eventSourceARN: stream.arn,
    isFinalInvokeForWindow: isFinal,
    isWindowTerminatedEarly: isTooLarge ?? false,
  }
  const window = JSON.stringify({ start: timeText(start), end: timeText(end) })
  return `"window":${window},"state":${state},${JSON.stringify(rest).slice(1, -1)}`
}

export function recordsPayload(records: readonly BatchRecord[], members?: string): Buffer {
  return Buffer.from(`{"Records":[${records.map(({ text }) => text).join(',')}]${members ? `,${members}` : ''}}`)
}

/** The window with what the function returned; undefined where that has no state, which counts as a failure. */
export function afterAnswer(window: StreamWindow, payload: Uint8Array): StreamWindow | undefined {
  const state = stateIn(payload)
  if (state === undefined) return undefined
  const { start, end } = window
  return { start, end, state, ...(Buffer.byteLength(state) > stateBytesMax && { isTooLarge: true as const }) }
}

/** After the invocation that ends it early: the same window goes on from nothing. */
export function begunAnew({ start, end }: StreamWindow): StreamWindow {
  return { start, end, state: freshState }
}

function stateIn(payload: Uint8Array): string | undefined {
  try {
    const answer = JSON.parse(Buffer.from(payload).toString('utf8')) as { state?: unknown } | null
    const state = typeof answer === 'object' && answer !== null ? answer.state : undefined
    return state === undefined || state === null ? undefined : JSON.stringify(state)
  } catch {
    return undefined
  }
}

function timeText(at: Millis): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`
}
