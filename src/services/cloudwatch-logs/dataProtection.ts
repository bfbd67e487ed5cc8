/** Data protection policies of groups: what they name is shown as asterisks, of events that came after the policy. */
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { singleton } from '../../delivery/singleton.ts'
import { type Finder, finderOf, replaced, UnknownIdentifier } from '../../engines/dataProtection/identifiers.ts'
import { InvalidLogFilter } from '../../engines/logFilters/wantedText.ts'
import { awsErrors, NotImplemented } from '../../wire/errors.ts'
import { madeOnce } from '../../wire/madeOnce.ts'
import { operations } from '../service.ts'
import { groupName, groups, type LogGroup, mustBeStandard, mustGetGroup } from './groups.ts'

type Mask = (message: string) => string

export interface DataProtection {
  document: string
  /** Events that were ingested earlier are shown as they are. */
  since: Millis
}

interface Statement {
  DataIdentifier?: string[]
  Operation?: {
    Audit?: { FindingsDestination?: Record<string, unknown> }
    Deidentify?: { MaskConfig?: Record<string, unknown> }
  }
}

interface Document {
  Statement?: Statement[]
  Configuration?: { CustomDataIdentifier?: { Name: string; Regex: string }[] }
}

const { InvalidParameterException } = awsErrors('cloudwatch-logs')
const documentCharactersMax = 30_720

export const dataProtectionOperations = operations('cloudwatch-logs', {
  async PutDataProtectionPolicy(input, ctx) {
    const { logGroupIdentifier, policyDocument: document } = input
    maskFrom(document)
    const updatedAt = ctx.clock.now()
    await ctx.commit((tx) => {
      const group = mustGetGroup(tx, groupName(logGroupIdentifier))
      mustBeStandard(group)
      const since = group.protection?.since ?? tx.now
      tx.in(groups).put({ ...group, protection: { document, since }, protectedAt: updatedAt })
    })
    return { logGroupIdentifier, policyDocument: document, lastUpdatedTime: updatedAt }
  },

  async GetDataProtectionPolicy(input, ctx) {
    const { protection, protectedAt } = mustGetGroup(ctx, groupName(input.logGroupIdentifier))
    return {
      logGroupIdentifier: input.logGroupIdentifier,
      ...(protection && { policyDocument: protection.document }),
      ...(protection && protectedAt !== undefined && { lastUpdatedTime: protectedAt }),
    }
  },

  async DeleteDataProtectionPolicy(input, ctx) {
    await ctx.commit((tx) => {
      const { protection: _, ...group } = mustGetGroup(tx, groupName(input.logGroupIdentifier))
      tx.in(groups).put(group)
    })
    return {}
  },
})

const masks = singleton('masks of log groups', () => madeOnce(200, maskFrom))

/** How a message that was ingested at a time is shown. */
export function shownBy(
  ctx: Pick<Context | Tx, 'use'>,
  { protection }: LogGroup,
): (message: string, ingestedAt: Millis) => string {
  if (!protection) return (message) => message
  const mask = ctx.use(masks)(protection.document)
  return (message, ingestedAt) => (ingestedAt < protection.since ? message : mask(message))
}

/** Errors: InvalidParameterException, NotImplemented. */
function maskFrom(text: string): Mask {
  if (text.length > documentCharactersMax) throw InvalidParameterException('The policy document is too long.')
  const { audit, deidentify, custom } = partsOf(text)
  if (Object.keys(audit.Operation?.Audit?.FindingsDestination ?? {}).length > 0) {
    throw NotImplemented('A destination of audit findings')
  }
  if (JSON.stringify(audit.DataIdentifier) !== JSON.stringify(deidentify.DataIdentifier)) {
    throw InvalidParameterException('The data identifiers of the audit and the deidentify statements must match.')
  }
  const find = finderFrom(deidentify.DataIdentifier ?? [], custom)
  return (message) => replaced(message, find(message), (length) => '*'.repeat(length))
}

function finderFrom(identifiers: string[], custom: Map<string, string>): Finder {
  try {
    return finderOf(identifiers, custom)
  } catch (error) {
    if (error instanceof UnknownIdentifier) throw NotImplemented(`The data identifier ${error.identifier}`)
    if (!(error instanceof InvalidLogFilter)) throw error
    throw InvalidParameterException('A custom data identifier is no regular expression.')
  }
}

function partsOf(text: string): { audit: Statement; deidentify: Statement; custom: Map<string, string> } {
  let document: Document
  try {
    document = JSON.parse(text) as Document
  } catch {
    throw InvalidParameterException('The policy document is not valid JSON.')
  }
  const statements = Array.isArray(document?.Statement) ? document.Statement : []
  const audit = statements.find(({ Operation }) => Operation?.Audit)
  const deidentify = statements.find(({ Operation }) => Operation?.Deidentify)
  if (!audit || !deidentify) {
    throw InvalidParameterException('The policy document must have an Audit and a Deidentify statement.')
  }
  const own = document.Configuration?.CustomDataIdentifier ?? []
  return { audit, deidentify, custom: new Map(own.map(({ Name, Regex }) => [Name, Regex])) }
}
