/**
 * AWS's errors: by name from a service's model (which knows status and wire code), or spelled out where the model is
 * silent. Reading a maker from `awsErrors` loads nothing; the model is looked at when an error is really made.
 */
import { type ErrorNames, loadModel, type ServiceName } from './model.ts'

export class AwsError extends Error {
  /** The name in the model, or the code to send where there is none. */
  readonly code: string
  readonly status: number
  /** Further members of the error's shape, or (S3) further elements of the answer. */
  readonly fields: Record<string, unknown>

  constructor(code: string, message: string, status: number, fields: Record<string, unknown> = {}) {
    super(message)
    this.name = code
    this.code = code
    this.status = status
    this.fields = fields
  }
}

export type ErrorMaker = (message: string, fields?: Record<string, unknown>) => AwsError

/** Makers of the errors that a service's model names: `const { QueueDoesNotExist } = awsErrors('sqs')`. */
export function awsErrors<S extends ServiceName>(service: S): Record<ErrorNames[S], ErrorMaker> {
  const maker =
    (name: string): ErrorMaker =>
    (message, fields) =>
      new AwsError(name, message, statusOf(service, name), fields)
  return new Proxy({} as Record<ErrorNames[S], ErrorMaker>, {
    get: (_, name) => (typeof name === 'string' ? maker(name) : undefined),
  })
}

/** An error that no model names, such as S3's `NoSuchTagSet` or the query services' `ValidationError`. */
export function awsError(code: string, message: string, status = 400, fields?: Record<string, unknown>): AwsError {
  return new AwsError(code, message, status, fields)
}

/** What is not there says so, by name: never an empty success. */
export function NotImplemented(what: string): AwsError {
  return new AwsError('NotImplemented', `${what} is not implemented by Igarapé.`, 501)
}

function statusOf(service: ServiceName, name: string): number {
  const error = loadModel(service).raw.shapes[name]?.error
  if (!error) throw new Error(`${service} has no error named ${name}.`)
  return error[1] ?? 400
}
