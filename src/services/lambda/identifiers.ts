/** The ways AWS takes to name a function (name, partial ARN, ARN, each with or without a qualifier), and its ARNs. */
import type { Scope } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'

const { InvalidParameterValueException, ResourceNotFoundException } = awsErrors('lambda')

export const latest = '$LATEST'

export interface FunctionReference {
  name: string
  qualifier?: string
}

const form =
  /^(?:arn:aws[a-zA-Z-]*:lambda:)?(?:[a-z]{2}(?:-[a-z]+)+-\d:)?(?:\d{12}:)?(?:function:)?([a-zA-Z0-9-_]+)(?::(\$LATEST|[a-zA-Z0-9-_]+))?$/

export function functionReference(text: string, qualifier?: string): FunctionReference {
  const match = form.exec(text)
  if (!match?.[1]) {
    throw InvalidParameterValueException(
      `1 validation error detected: Value '${text}' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: ${namePattern}`,
    )
  }
  const [, name, inner] = match
  if (inner && qualifier && inner !== qualifier) {
    throw InvalidParameterValueException(
      'The derived qualifier from the function name does not match the specified qualifier.',
    )
  }
  const chosen = inner ?? qualifier
  return { name, ...(chosen && { qualifier: chosen }) }
}

const namePattern =
  '(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}(-gov)?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?'

export function functionArn(scope: Scope, name: string, qualifier?: string): string {
  return `arn:aws:lambda:${scope.region}:${scope.account}:function:${name}${qualifier ? `:${qualifier}` : ''}`
}

export function layerArn(scope: Scope, name: string): string {
  return `arn:aws:lambda:${scope.region}:${scope.account}:layer:${name}`
}

export function mappingArn(scope: Scope, id: string): string {
  return `arn:aws:lambda:${scope.region}:${scope.account}:event-source-mapping:${id}`
}

export function functionNotFound(scope: Scope, name: string, qualifier?: string): Error {
  return ResourceNotFoundException(`Function not found: ${functionArn(scope, name, qualifier)}`, user)
}

/** Lambda's errors say whose fault it is. */
export const user = { Type: 'User' }
export const service = { Type: 'Service' }

/** One page of what is already in order: `Marker` is the place of the first that was left out. */
export function pageOf<T>(
  all: readonly T[],
  input: { Marker?: string | undefined; MaxItems?: number | undefined },
): { page: T[]; NextMarker?: string } {
  const start = input.Marker ? Number(Buffer.from(input.Marker, 'base64').toString()) : 0
  if (!Number.isInteger(start) || start < 0) throw InvalidParameterValueException('The Marker is not valid.', user)
  const end = start + (input.MaxItems ?? 50)
  const more = end < all.length
  return { page: all.slice(start, end), ...(more && { NextMarker: Buffer.from(String(end)).toString('base64') }) }
}
