/**
 * How each family of services refuses a bad request: which code, which words, and what it leaves to the service's own
 * checks because AWS looks at it there. A service without a row here answers as most JSON services do.
 */

import { type Problem, validationText } from './checks.ts'
import { type AwsError, awsError } from './errors.ts'
import type { Protocol, ServiceName } from './model.ts'

interface Family {
  /** The code of `N validation errors detected: …`. */
  code?: string
  /** A missing member, where the service has words of its own for it. */
  missing?: (member: string) => AwsError
  /** Problems that AWS finds later, in the service itself, with words of its own. */
  leaves?: (problem: Problem) => boolean
}

const missingParameter = (member: string) =>
  awsError('MissingParameter', `The request must contain the parameter ${member}.`)

const missingInSns = (member: string) =>
  awsError('InvalidParameter', `Invalid parameter: ${member} Reason: no value for required parameter`)

const isEnum = (problem: Problem) => problem.kind === 'enum'
const notRequired = (problem: Problem) => problem.kind !== 'required'

const families: Partial<Record<ServiceName, Family>> = {
  athena: { code: 'InvalidRequestException' },
  'cloudwatch-logs': { code: 'InvalidParameterException' },
  ecr: { code: 'InvalidParameterException' },
  firehose: { code: 'ValidationException' },
  // Queue names, attributes and batch entries have checks of their own in SQS and SNS.
  sqs: { missing: missingParameter, leaves: notRequired },
  sns: { missing: missingInSns, leaves: notRequired },
  rds: { missing: missingParameter, code: 'InvalidParameterValue', leaves: isEnum },
  redshift: { missing: missingParameter, code: 'InvalidParameterValue', leaves: isEnum },
  ses: { missing: missingParameter },
  // Lambda names the runtimes that it still takes, or an ARN, in words of its own.
  lambda: { leaves: (problem) => isEnum(problem) && problem.path === 'runtime' },
  sesv2: { code: 'BadRequestException' },
  scheduler: { code: 'ValidationException' },
  pipes: { code: 'ValidationException' },
  lakeformation: { code: 'InvalidInputException' },
  quicksight: { code: 'InvalidParameterValueException' },
  'rds-data': { code: 'BadRequestException' },
  xray: { code: 'InvalidRequestException' },
}

const noFamily: Family = {}

export function refuseInput(service: ServiceName, protocol: Protocol, problems: Problem[]): AwsError | undefined {
  if (service === 's3') return refuseObjectRequest(problems)
  const family = families[service] ?? noFamily
  const found = family.leaves ? problems.filter((problem) => !family.leaves?.(problem)) : problems
  const first = found[0]
  if (!first) return undefined
  if (family.missing && first.kind === 'required') return family.missing(first.path.replace(/^./, upper))
  const usual = protocol === 'query' ? 'ValidationError' : 'ValidationException'
  return awsError(family.code ?? usual, validationText(found))
}

/** S3 refuses a document that breaks its schema; everything else is a matter of the operation. */
function refuseObjectRequest(problems: Problem[]): AwsError | undefined {
  const inDocument = problems.some((problem) => {
    return problem.path.includes('.') && problem.kind !== 'length' && !isFilterName(problem)
  })
  if (inDocument) return malformedXml()
  const missing = problems.find((problem) => problem.kind === 'required')
  return missing && missingFromObjectRequest(missing.member)
}

/** S3 takes `Prefix` for `prefix`, and itself answers so. */
function isFilterName({ kind, value }: Problem): boolean {
  return kind === 'enum' && (value === 'Prefix' || value === 'Suffix')
}

function missingFromObjectRequest(member: string): AwsError {
  const isDocument = /Configuration|Policy|Tagging|Delete|Status|Rules?$/.test(member)
  if (isDocument) return awsError('MissingRequestBodyError', 'Request Body is empty')
  return awsError('InvalidRequest', `Missing required parameter for this request: '${member}'`)
}

export function malformedXml(): AwsError {
  const text = 'The XML you provided was not well-formed or did not validate against our published schema'
  return awsError('MalformedXML', text)
}

/** The bytes cannot be read as the protocol demands. */
export function malformed(service: ServiceName, protocol: Protocol, reason: string): AwsError {
  if (service === 's3') return malformedXml()
  if (protocol === 'query') return awsError('MalformedInput', reason)
  return awsError('SerializationException', reason)
}

/** A header, label or query parameter that is not of its type. */
export function malformedValue(service: ServiceName, protocol: Protocol, member: string, reason: string): AwsError {
  if (service === 's3') return awsError('InvalidArgument', `Provided value for ${member} is not valid: ${reason}`)
  return malformed(service, protocol, reason)
}

export function unknownOperation(service: ServiceName, protocol: Protocol, name: string, version: string): AwsError {
  if (protocol === 'query') {
    if (name === '') return awsError('MissingAction', 'The request must contain the parameter Action.')
    const text =
      service === 'sqs'
        ? `The action ${name} is not valid for this endpoint.`
        : `Could not find operation ${name} for version ${version}`
    return awsError('InvalidAction', text)
  }
  if (protocol === 'restXml') {
    return awsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', 405)
  }
  if (protocol === 'restJson')
    return awsError('UnknownOperationException', 'Unable to determine service/operation name to be authorized', 404)
  return awsError('UnknownOperationException', name ? `The operation ${name} is unknown.` : 'No operation is named.')
}

function upper(letter: string): string {
  return letter.toUpperCase()
}
