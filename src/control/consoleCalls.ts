/**
 * AWS's operations for the console, by name and in JSON, whatever protocol their service speaks: the browser needs no
 * signatures, no XML and no SDK. Several in one request, since a page asks for many small things at once.
 */
import type { Platform } from '../delivery/platform.ts'
import { json, type Route, route } from '../services/route.ts'
import { DiskRefused } from '../store/diskRefused.ts'
import { checkInput } from '../wire/decode.ts'
import { AwsError, awsError, NotImplemented } from '../wire/errors.ts'
import { loadModel, type ServiceName, type Shape } from '../wire/model.ts'
import { jsonCodec } from '../wire/values.ts'
import { jsonBody } from './jsonBody.ts'

interface Call {
  service: ServiceName
  operation: string
  input?: object
  region?: string
}

type Answer = { output: unknown } | { error: { code: string; message: string; status: number } }

const callsMax = 500

export const consoleCallRoutes: readonly Route[] = [
  route('POST', '/_igarape/console/calls', async (request, platform) => {
    const { calls } = await jsonBody(request)
    if (!Array.isArray(calls) || calls.length > callsMax)
      throw awsError('BadRequest', `\`calls\` is a list of up to ${callsMax} operations.`)
    return json({ answers: await Promise.all(calls.map((call: Call) => answer(platform, call))) })
  }),
]

async function answer(platform: Platform, call: Call): Promise<Answer> {
  try {
    return { output: await perform(platform, call) }
  } catch (error) {
    if (error instanceof AwsError) {
      return { error: { code: error.code, message: error.message, status: error.status } }
    }
    if (error instanceof DiskRefused)
      return { error: { code: 'ServiceUnavailable', message: error.message, status: 503 } }
    throw error
  }
}

async function perform(platform: Platform, { service, operation: name, input = {}, region }: Call): Promise<unknown> {
  const { account, region: home } = platform.options
  if (!platform.services.has(service)) throw NotImplemented(`${service}:${name}`)
  const operation = loadModel(service).operation(name)
  if (!operation) throw awsError('UnknownOperation', `${service} has no operation ${name}.`, 404)
  if (isStreamed(operation.input) || isStreamed(operation.output))
    throw awsError('BadRequest', `${service}:${name} has a body that is no JSON; ask for it by its own protocol.`)
  const decoded = operation.input ? jsonCodec.decode(operation.input, input) : {}
  checkInput(service, 'awsJson1_1', { operation: name, input: decoded })
  const ctx = platform.context({ account, region: region ?? home })
  const output = await platform.perform(service, name, decoded, ctx)
  return operation.output ? jsonCodec.encode(operation.output, output) : {}
}

/** A body that is bytes as they come: an object's, or a stream of events. A function's payload is bytes, and small. */
function isStreamed(shape: Shape | undefined): boolean {
  return shape?.members.some((member) => member.shape.type === 'stream' || member.shape.raw.eventStream) ?? false
}
