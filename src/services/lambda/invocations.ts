/** Invoke: at once and with the answer, later (asyncInvocations.ts), or not at all (DryRun). */
import { Interrupted } from '../../delivery/due.ts'
import { UnsupportedRuntime } from '../../engines/functions/interpreters.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { asyncPayloadBytesMax, queueInvocation } from './asyncInvocations.ts'
import { withinConcurrency } from './concurrency.ts'
import { functionArn, functionReference, service, user } from './identifiers.ts'
import { mustGetTarget } from './records.ts'
import { runFunction } from './runtime.ts'

const {
  InvalidParameterValueException,
  InvalidRequestContentException,
  InvalidRuntimeException,
  RequestTooLargeException,
  ServiceException,
} = awsErrors('lambda')

const payloadBytesMax = 6_291_456
const tailBytesMax = 4096

export const invocationOperations = operations('lambda', {
  async Invoke(input, ctx) {
    const reference = functionReference(input.FunctionName, input.Qualifier)
    const { version } = mustGetTarget(ctx, reference, () => ctx.random.fraction())
    const type = input.InvocationType ?? 'RequestResponse'
    const payload = checkedPayload(
      input.Payload as Uint8Array | undefined,
      type === 'Event' ? asyncPayloadBytesMax : payloadBytesMax,
    )
    if (type === 'DryRun') return { StatusCode: 204, ExecutedVersion: version.version }
    if (type === 'Event') {
      await ctx.commit((tx) =>
        queueInvocation(tx, reference, { payload: Buffer.from(payload).toString('utf8'), requestId: ctx.requestId }),
      )
      return { StatusCode: 202 }
    }
    const run = {
      version,
      payload,
      functionArn: functionArn(ctx, reference.name, reference.qualifier),
      requestId: ctx.requestId,
      action: 'Invoke',
      ...(input.ClientContext && { clientContext: decodedContext(input.ClientContext) }),
    }
    const result = await withinConcurrency(ctx, version.name, () => refusing(runFunction(ctx, run)))
    return {
      StatusCode: 200,
      ...(result.functionError && { FunctionError: result.functionError }),
      ...(input.LogType === 'Tail' && { LogResult: tailOf(result.lines) }),
      Payload: result.payload as never,
      ExecutedVersion: version.version,
    }
  },
})

/** What this machine cannot run, or stopped running, is an answer, not a bug. */
async function refusing<T>(run: Promise<T>): Promise<T> {
  try {
    return await run
  } catch (error) {
    if (error instanceof UnsupportedRuntime) throw InvalidRuntimeException(error.message, user)
    if (error instanceof Interrupted) throw ServiceException('The server stopped while the function ran.', service)
    throw error
  }
}

function checkedPayload(payload: Uint8Array | undefined, bytesMax: number): Uint8Array {
  if (!payload || payload.byteLength === 0) return Buffer.from('{}')
  if (payload.byteLength > bytesMax) {
    throw RequestTooLargeException(
      `Request must be smaller than ${bytesMax} bytes for the InvokeFunction operation`,
      user,
    )
  }
  try {
    JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8'))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw InvalidRequestContentException(`Could not parse request body into json: ${reason}`, user)
  }
  return payload
}

function decodedContext(encoded: string): string {
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  try {
    return JSON.stringify(JSON.parse(text))
  } catch {
    throw InvalidParameterValueException('Client context must be a valid Base64-encoded JSON object.', user)
  }
}

/** The last 4 KB of what was logged. */
function tailOf(lines: readonly string[]): string {
  const text = Buffer.from(lines.map((line) => (line.endsWith('\n') ? line : `${line}\n`)).join(''))
  return text.subarray(Math.max(0, text.length - tailBytesMax)).toString('base64')
}
