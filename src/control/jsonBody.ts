/** What a control request says, in JSON. Errors: 400. */
import { awsError } from '../wire/errors.ts'

export async function jsonBody(request: { body(): Promise<Uint8Array> }): Promise<Record<string, unknown>> {
  const text = Buffer.from(await request.body()).toString('utf8')
  try {
    return JSON.parse(text || '{}') as Record<string, unknown>
  } catch {
    throw awsError('BadJson', 'The body is not JSON.')
  }
}
