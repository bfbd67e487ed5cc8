/** What Parameter Store demands of names and values, in its words. */
import { awsError, awsErrors } from '../../wire/errors.ts'
import type { Parameter, ParameterType } from './parameters.ts'

const { HierarchyLevelLimitExceededException, ParameterPatternMismatchException, InvalidAllowedPatternException } =
  awsErrors('ssm')

const levelsMax = 15
const nameLengthMax = 1011
const valueBytesMax = { Standard: 4096, Advanced: 8192 }

export function checkName(name: string, account: string): void {
  if (/^\/?(aws|ssm)/i.test(name)) {
    const isReserved = name.startsWith('/') && /^\/(aws|ssm)(\/|$)/i.test(name)
    if (isReserved) throw awsErrors('ssm').AccessDeniedException(`No access to reserved parameter name: ${name}.`)
    if (!name.startsWith('/')) {
      throw awsError(
        'ValidationException',
        `Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_`,
      )
    }
  }
  if (!/^[a-zA-Z0-9_.\-/]+$/.test(name) || name.length > nameLengthMax - account.length + 12) {
    throw awsError(
      'ValidationException',
      `Parameter name: can't be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_`,
    )
  }
  if (name.includes('/') && !name.startsWith('/')) {
    throw awsError('ValidationException', 'Parameter name must be a fully qualified name.')
  }
  if (name.split('/').length - 1 > levelsMax) {
    throw HierarchyLevelLimitExceededException(
      'A hierarchy can have a maximum of 15 levels. For more information, see Requirements and constraints for parameter names in the AWS Systems Manager User Guide.',
    )
  }
}

export function checkValue(
  value: string,
  type: ParameterType,
  tier: Parameter['tier'],
  allowedPattern: string | undefined,
): void {
  const bytesMax = valueBytesMax[tier]
  if (Buffer.byteLength(value) > bytesMax) {
    const advice =
      tier === 'Standard'
        ? `Standard tier parameters support a maximum parameter value of ${bytesMax} characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html`
        : `Advanced tier parameters support a maximum parameter value of ${bytesMax} characters.`
    throw awsError('ValidationException', advice)
  }
  if (allowedPattern === undefined) return
  const pattern = patternOf(allowedPattern)
  for (const item of type === 'StringList' ? value.split(',') : [value]) {
    if (!pattern.test(item)) {
      throw ParameterPatternMismatchException(
        `Parameter value, cannot be validated against allowedPattern: ${allowedPattern}`,
      )
    }
  }
}

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text)
  } catch {
    throw InvalidAllowedPatternException(`Invalid allowed pattern: ${text}`)
  }
}
