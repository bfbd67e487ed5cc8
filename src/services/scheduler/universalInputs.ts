/**
 * The input of a universal target: JSON with the members as the SDKs name them in Pascal case, whatever the wire calls
 * them (`LogGroupName` for `logGroupName`, `DbClusterIdentifier` for `DBClusterIdentifier`), and bytes as plain text.
 */
import { BodyStream } from '../../wire/bodyStream.ts'
import { checkInput } from '../../wire/decode.ts'
import { awsErrors } from '../../wire/errors.ts'
import { loadModel, type Protocol, type Shape } from '../../wire/model.ts'
import { cborCodec } from '../../wire/values.ts'
import type { OperationRef } from './universalTargets.ts'

const { ValidationException } = awsErrors('scheduler')

/** Decoded and checked as if it had come over the wire. Errors: the service's own refusals. */
export function inputOf({ service, operation }: OperationRef, json: string): object {
  const model = loadModel(service)
  const shape = model.operation(operation)?.input
  if (!shape) return {}
  const input = cborCodec.decode(shape, renamed(shape, parse(json), operation)) as Record<string, unknown>
  checkInput(service, model.protocols[0] as Protocol, { operation, input })
  for (const { name, shape: member } of shape.members) {
    if (member.type === 'stream' && input[name]) input[name] = new BodyStream(input[name] as Uint8Array)
  }
  return input
}

/** The same document with the model's names, and bytes where the model has them. Unknown members are refused by name. */
function renamed(shape: Shape, value: unknown, path: string): unknown {
  if (value === null || value === undefined) return value
  if (shape.type === 'blob' || shape.type === 'stream') return typeof value === 'string' ? Buffer.from(value) : value
  if (shape.type === 'list' && Array.isArray(value)) {
    return value.map((entry, index) => renamed(shape.member?.shape as Shape, entry, `${path}[${index}]`))
  }
  if (typeof value !== 'object' || Array.isArray(value)) return value
  if (shape.type === 'map') {
    const item = shape.value?.shape as Shape
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => [key, renamed(item, entry, `${path}.${key}`)]),
    )
  }
  if (shape.type !== 'structure' && shape.type !== 'union') return value
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => {
      const member = shape.members.find(({ name }) => name.toLowerCase() === key.toLowerCase())
      if (!member)
        throw ValidationException(`The input has the member ${path}.${key}, which the operation does not know.`)
      return [member.name, renamed(member.shape, entry, `${path}.${key}`)]
    }),
  )
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    throw ValidationException('JSON syntax error in input for the target.')
  }
}
