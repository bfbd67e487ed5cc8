/**
 * A topic's data protection policy: what its document may say, and what was read of it. SNS Developer Guide, "Understanding
 * Amazon SNS data protection policies", "Data protection policy operations", "Using custom data identifiers".
 */
import { singleton } from '../../delivery/singleton.ts'
import {
  type Finder,
  finderOf,
  isManaged,
  isManagedName,
  UnknownIdentifier,
} from '../../engines/dataProtection/identifiers.ts'
import { InvalidLogFilter } from '../../engines/logFilters/wantedText.ts'
import { type AwsError, NotImplemented } from '../../wire/errors.ts'
import { madeOnce } from '../../wire/madeOnce.ts'
import { documentIn } from '../json.ts'
import { invalid } from './refusals.ts'

export interface ProtectionStatement {
  direction: 'Inbound' | 'Outbound'
  principals: string[]
  find: Finder
  operation: Operation
}

export type Operation =
  | { kind: 'deny' }
  /** What stands in the place of as many characters. */
  | { kind: 'deidentify'; replacement: (length: number) => string }
  | { kind: 'audit'; samplePercent: number; findings?: FindingsDestination; noFindings?: FindingsDestination }

export interface FindingsDestination {
  logGroup?: string
  bucket?: string
}

type Members = Record<string, unknown>

const documentCharactersMax = 30_720
const version = '2021-06-01'
const customMax = 10
const customName = /^[A-Za-z0-9_-]{1,128}$/
const regexCharactersMax = 200
const regexCharacters = /^[A-Za-z0-9_#=@/;,\- ^$?[\]{}|\\*+.]+$/
const samplePercentMax = 99
const maskCharacter = /^[*A-Za-z0-9 !$%&()+,\-./\\:;<=>@[\]^_`|~#]$/
const maskCharacterDefault = '*'
const vendedLogs = '/aws/vendedlogs/'
const principal = /^(\*|\d{12}|arn:aws[a-z-]*:(iam|sts)::\d{12}:.+)$/

/** What policies that were taken say, by their text. */
export const protectionStatements = singleton('data protection policies', () => madeOnce(200, readProtectionPolicy))

/** Errors: InvalidParameter; NotImplemented for identifiers and destinations that are not here, by their names. */
export function readProtectionPolicy(document: string): ProtectionStatement[] {
  if (document.length > documentCharactersMax) throw refusal('the policy is too long')
  const read = documentIn(document)
  if (!read || Array.isArray(read)) throw refusal('failed to parse JSON')
  const policy = members(read, ['Name', 'Description', 'Version', 'Statement', 'Configuration'], 'policy')
  if (typeof policy.Name !== 'string' || policy.Name === '') throw refusal('Name is required')
  if (policy.Description !== undefined && typeof policy.Description !== 'string') {
    throw refusal('Description must be a string')
  }
  if (policy.Version !== version) throw refusal(`Version must be ${version}`)
  const custom = customIdentifiers(policy.Configuration)
  if (!Array.isArray(policy.Statement) || policy.Statement.length === 0) throw refusal('Statement is required')
  const statements = policy.Statement.map((statement) => statementFrom(statement, custom))
  if (statements.filter(({ operation }) => operation.kind === 'audit').length > 1) {
    throw refusal('only one Audit statement is allowed')
  }
  return statements
}

function statementFrom(given: unknown, custom: ReadonlyMap<string, string>): ProtectionStatement {
  const names = ['Sid', 'DataDirection', 'DataIdentifier', 'Principal', 'Operation']
  const { Sid, DataDirection, DataIdentifier, Principal, Operation } = members(given, names, 'Statement')
  if (Sid !== undefined && typeof Sid !== 'string') throw refusal('Sid must be a string')
  if (DataDirection !== 'Inbound' && DataDirection !== 'Outbound') {
    throw refusal('DataDirection must be Inbound or Outbound')
  }
  const principals = texts(Principal, 'Principal')
  const strange = principals.find((one) => !principal.test(one))
  if (strange !== undefined) throw refusal(`Principal ${strange} is invalid`)
  const operation = operationFrom(Operation)
  if (operation.kind === 'audit' && DataDirection === 'Outbound') throw refusal('Audit is for Inbound only')
  return { direction: DataDirection, principals, find: finderFrom(DataIdentifier, custom), operation }
}

function finderFrom(given: unknown, custom: ReadonlyMap<string, string>): Finder {
  const identifiers = texts(given, 'DataIdentifier')
  const strange = identifiers.find((one) => !custom.has(one) && !isManaged(one))
  if (strange !== undefined) throw refusal(`DataIdentifier ${strange} is invalid`)
  try {
    return finderOf(identifiers, custom)
  } catch (error) {
    if (error instanceof UnknownIdentifier) throw NotImplemented(`The data identifier ${error.identifier}`)
    if (error instanceof InvalidLogFilter) throw refusal('the Regex of a CustomDataIdentifier is invalid')
    throw error
  }
}

/** Only names and expressions: what keywords are near is asked by other services. */
function customIdentifiers(given: unknown): Map<string, string> {
  if (given === undefined) return new Map()
  const { CustomDataIdentifier: list = [] } = members(given, ['CustomDataIdentifier'], 'Configuration')
  if (!Array.isArray(list)) throw refusal('CustomDataIdentifier must be a list')
  if (list.length > customMax) throw refusal(`at most ${customMax} custom data identifiers are allowed`)
  const custom = new Map<string, string>()
  for (const one of list) {
    const { Name, Regex } = members(one, ['Name', 'Regex'], 'CustomDataIdentifier')
    if (typeof Name !== 'string' || !customName.test(Name))
      throw refusal('the Name of a CustomDataIdentifier is invalid')
    // "This name cannot share the same name as a managed data identifier."
    if (isManagedName(Name)) throw refusal(`the CustomDataIdentifier ${Name} has the name of a managed one`)
    if (custom.has(Name)) throw refusal(`the CustomDataIdentifier ${Name} is there twice`)
    const isRegex = typeof Regex === 'string' && Regex.length <= regexCharactersMax && regexCharacters.test(Regex)
    if (!isRegex) throw refusal('the Regex of a CustomDataIdentifier is invalid')
    custom.set(Name, Regex)
  }
  return custom
}

function operationFrom(given: unknown): Operation {
  const operation = members(given, ['Audit', 'Deidentify', 'Deny'], 'Operation')
  if (Object.keys(operation).length !== 1) throw refusal('Operation must be one of Audit, Deidentify, Deny')
  if (operation.Deny !== undefined) {
    members(operation.Deny, [], 'Deny')
    return { kind: 'deny' }
  }
  return operation.Audit !== undefined ? auditFrom(operation.Audit) : deidentifyFrom(operation.Deidentify)
}

function deidentifyFrom(given: unknown): Operation {
  const { MaskConfig, RedactConfig } = members(given, ['MaskConfig', 'RedactConfig'], 'Deidentify')
  if ((MaskConfig === undefined) === (RedactConfig === undefined)) {
    throw refusal('Deidentify must have a MaskConfig or a RedactConfig')
  }
  if (RedactConfig !== undefined) {
    members(RedactConfig, [], 'RedactConfig')
    return { kind: 'deidentify', replacement: () => '' }
  }
  const { MaskWithCharacter: character = maskCharacterDefault } = members(
    MaskConfig,
    ['MaskWithCharacter'],
    'MaskConfig',
  )
  if (typeof character !== 'string' || !maskCharacter.test(character)) throw refusal('MaskWithCharacter is invalid')
  return { kind: 'deidentify', replacement: (length) => character.repeat(length) }
}

function auditFrom(given: unknown): Operation {
  const { SampleRate, FindingsDestination, NoFindingsDestination } = members(
    given,
    ['SampleRate', 'FindingsDestination', 'NoFindingsDestination'],
    'Audit',
  )
  if (!/^\d{1,2}$/.test(String(SampleRate))) {
    throw refusal(`SampleRate must be an integer between 0 and ${samplePercentMax}`)
  }
  if (FindingsDestination === undefined && NoFindingsDestination === undefined) {
    throw refusal('Audit must have a FindingsDestination or a NoFindingsDestination')
  }
  return {
    kind: 'audit',
    samplePercent: Number(SampleRate),
    ...(FindingsDestination !== undefined && { findings: destinationFrom(FindingsDestination) }),
    ...(NoFindingsDestination !== undefined && { noFindings: destinationFrom(NoFindingsDestination) }),
  }
}

function destinationFrom(given: unknown): FindingsDestination {
  const { CloudWatchLogs, S3, Firehose } = members(given, ['CloudWatchLogs', 'S3', 'Firehose'], 'FindingsDestination')
  if (Firehose !== undefined) throw NotImplemented('A Firehose destination of audit findings')
  const logGroup = CloudWatchLogs === undefined ? undefined : text(CloudWatchLogs, 'LogGroup', 'CloudWatchLogs')
  if (logGroup !== undefined && !logGroup.startsWith(vendedLogs)) {
    throw refusal(`the name of a LogGroup must start with ${vendedLogs}`)
  }
  return {
    ...(logGroup !== undefined && { logGroup }),
    ...(S3 !== undefined && { bucket: text(S3, 'Bucket', 'S3') }),
  }
}

function text(given: unknown, member: string, of: string): string {
  const value = members(given, [member], of)[member]
  if (typeof value !== 'string' || value === '') throw refusal(`${member} is required`)
  return value
}

function texts(given: unknown, name: string): string[] {
  const isTexts = Array.isArray(given) && given.length > 0 && given.every((one) => typeof one === 'string')
  if (!isTexts) throw refusal(`${name} must be a list of strings`)
  return given
}

/** An object that has no members but these: what is not known here would be protected by nobody. */
function members(given: unknown, names: readonly string[], of: string): Members {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw refusal(`${of} must be an object`)
  const strange = Object.keys(given).find((name) => !names.includes(name))
  if (strange !== undefined) throw refusal(`${strange} is not known in ${of}`)
  return given as Members
}

function refusal(reason: string): AwsError {
  return invalid(`DataProtectionPolicy Reason: ${reason}`)
}
