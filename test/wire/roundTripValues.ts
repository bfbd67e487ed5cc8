/** Where client and handler see one value differently, by design of the SDKs: what each side is expected to have. */
import type { Member, Operation, Shape } from '../../src/wire/model.ts'

type Values = Record<string, unknown>

/** Makes what was drawn at random something that a client can send. */
export function sendable(operation: Operation, input: Values): Values {
  // Multi-region endpoints want a signer that is not there, and some checksums too.
  delete input.EndpointId
  // The client would hold the answer's body against checksums drawn at random.
  delete input.ChecksumMode
  // The client turns these keys into others.
  delete input.SSECustomerKey
  delete input.CopySourceSSECustomerKey
  if (input.ChecksumAlgorithm) input.ChecksumAlgorithm = 'CRC32'
  settleLength(operation.input, input)
  return input
}

/** Makes what was drawn at random something that a handler may answer. */
export function answerable(operation: Operation, output: Values): Values {
  for (const member of operation.output?.members ?? []) {
    // The client fills these in even where the answer is silent.
    if (member.traits.prefixHeaders) output[member.name] ??= {}
    if (member.shape.type === 'stream' && 'ContentType' in shapeMembers(operation)) output.ContentType ??= 'text/csv'
    if (member.traits.responseCode) output[member.name] = operation.http?.status ?? 200
    if (member.shape.raw.eventStream) output[member.name] = (async function* () {})()
  }
  delete output.ExpiresString
  settleLength(operation.output, output)
  return output
}

function shapeMembers(operation: Operation): Values {
  return Object.fromEntries(operation.output!.members.map((member) => [member.name, member]))
}

/** A length and a body that disagree are an error long before any handler. */
function settleLength(shape: Shape | undefined, values: Values): void {
  if (values.ContentLength === undefined) return
  const body = shape?.members.find((member) => member.shape.type === 'stream')
  if (body && values[body.name]) values.ContentLength = (values[body.name] as Uint8Array).length
  else delete values.ContentLength
}

export function expectedInput(operation: Operation, input: Values): Values {
  return operation.input ? (normal(operation.input, input) as Values) : {}
}

export function expectedOutput(operation: Operation, output: Values): Values {
  return operation.output ? (normal(operation.output, output) as Values) : {}
}

export async function readOutput(operation: Operation, result: Values): Promise<Values> {
  const { $metadata: _, ExpiresString: __, ...output } = result
  for (const member of operation.output?.members ?? []) {
    const value = output[member.name] as { transformToByteArray?: () => Promise<Uint8Array> } | undefined
    if (member.shape.type === 'stream' && value?.transformToByteArray) {
      output[member.name] = await value.transformToByteArray()
    }
  }
  return operation.output ? (normal(operation.output, output) as Values) : output
}

/** Bytes as arrays of numbers and nothing undefined, so that values compare by what they say. */
function normal(shape: Shape, value: unknown): unknown {
  if (value === undefined || value === null) return undefined
  switch (shape.type) {
    case 'structure':
    case 'union': {
      const found: Values = {}
      for (const member of shape.members) {
        if (member.shape.raw.eventStream) continue
        const entry = normalMember(member, (value as Values)[member.name])
        if (entry !== undefined) found[member.name] = entry
      }
      return found
    }
    case 'list':
      return (value as unknown[]).map((entry) => normal(shape.member!.shape, entry))
    case 'map':
      return Object.fromEntries(
        Object.entries(value as Values).map(([key, entry]) => [key, normal(shape.value!.shape, entry)]),
      )
    case 'blob':
    case 'stream':
      return Buffer.from(value as Uint8Array).toString('hex')
    default:
      return value
  }
}

function normalMember(member: Member, value: unknown): unknown {
  return normal(member.shape, value)
}

export function normalInput(operation: Operation, input: Values): Values {
  return operation.input ? (normal(operation.input, input) as Values) : input
}
