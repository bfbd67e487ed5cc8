/**
 * Resource policies: may this sender do this to this resource? Statements, principals, wildcards and the condition
 * operators that such policies use; a condition that is not understood never allows.
 * Rules: IAM User Guide, "Policy evaluation logic" and "IAM JSON policy elements: Condition operators".
 */
import { madeOnce } from '../wire/madeOnce.ts'
import { parseArn } from './arn.ts'
import type { Tx } from './context.ts'
import type { Sender } from './delivery.ts'
import { singleton } from './singleton.ts'

export interface PolicyQuestion {
  sender: Sender
  /** `sqs:SendMessage` */
  action: string
  resource: string
  /** The owner of the resource. */
  account: string
  /** The account that asks, where it is one and no service. */
  caller?: string
  /** Further condition keys, in lower case: `events:source`. */
  keys?: Record<string, string>
}

interface Statement {
  Sid?: string
  Effect?: string
  Principal?: unknown
  NotPrincipal?: unknown
  Action?: string | string[]
  NotAction?: string | string[]
  Resource?: string | string[]
  NotResource?: string | string[]
  Condition?: Record<string, Record<string, string | string[]>>
}

interface PolicyDocument {
  Statement?: Statement | Statement[]
}

/**
 * By the server's `policies` option: `declared` asks the policies that exist, so that a resource without one takes
 * deliveries; `enforce` refuses there, as AWS does; `permissive` asks nobody. `policy` is a document, as text or parsed.
 */
export function mayDeliver(tx: Pick<Tx, 'use'>, policy: unknown, question: PolicyQuestion): boolean {
  const mode = tx.use(policyMode)
  if (mode === 'permissive' || question.sender.roleArn) return true
  const statements = statementsOf(tx, policy).filter((statement) => mode === 'enforce' || !isDefault(statement))
  if (statements.length === 0) return mode !== 'enforce'
  return allow(statements, question)
}

/** Between accounts only a policy allows; `permissive` asks nobody here too. */
export function mayCross(tx: Pick<Tx, 'use'>, policy: unknown, question: PolicyQuestion): boolean {
  return tx.use(policyMode) === 'permissive' || allow(statementsOf(tx, policy), question)
}

function allow(statements: Statement[], question: PolicyQuestion): boolean {
  const applying = statements.filter((statement) => applies(statement, question))
  if (applying.some((statement) => statement.Effect === 'Deny')) return false
  return applying.some((statement) => statement.Effect === 'Allow')
}

/** SNS writes a statement into each new topic's policy for its owner: nobody declared it. */
function isDefault({ Sid }: Statement): boolean {
  return Sid === '__default_statement_ID'
}

const policyMode = singleton('policy mode', (platform) => platform.options.policies)

/** Policies that were read, by their text: each delivery asks one of the same few. */
const policyTexts = singleton('policy texts', () =>
  madeOnce(1_000, (text: string) => listOf((JSON.parse(text) as PolicyDocument).Statement)),
)

function statementsOf(tx: Pick<Tx, 'use'>, policy: unknown): Statement[] {
  if (!policy) return []
  return typeof policy === 'string' ? tx.use(policyTexts)(policy) : listOf((policy as PolicyDocument).Statement)
}

function applies(statement: Statement, question: PolicyQuestion): boolean {
  const action = question.action.toLowerCase()
  const names = (actions: string | string[]) =>
    listOf(actions).some((one) => isLike(action, expand(one.toLowerCase(), question)))
  const covers = (resources: string | string[]) => listOf(resources).some((one) => isLike(question.resource, one))
  if (statement.Action !== undefined && !names(statement.Action)) return false
  if (statement.NotAction !== undefined && names(statement.NotAction)) return false
  if (statement.Resource !== undefined && !covers(statement.Resource)) return false
  if (statement.NotResource !== undefined && covers(statement.NotResource)) return false
  if (statement.NotPrincipal !== undefined && isPrincipal(statement.NotPrincipal, question)) return false
  if (statement.Principal !== undefined && !isPrincipal(statement.Principal, question)) return false
  return conditionsHold(statement.Condition ?? {}, question, statement.Effect === 'Deny')
}

/** SQS policies name actions as `SQS:SendMessage` or just `SendMessage`. */
function expand(action: string, question: PolicyQuestion): string {
  return action === '*' || action.includes(':') ? action : `${question.action.split(':')[0]}:${action}`
}

function isPrincipal(principal: unknown, { sender, account, caller }: PolicyQuestion): boolean {
  if (principal === '*') return true
  const { Service, AWS } = principal as { Service?: string | string[]; AWS?: string | string[] }
  if (caller !== undefined) return listOf(AWS).some((one) => isOfAccount(one, caller))
  if (listOf(Service).some((service) => service === sender.principal)) return true
  // A service acts for the account; `AWS: "*"` is everyone, services included.
  return listOf(AWS).some((one) => one === '*' || (sender.principal === one && one.includes(account)))
}

function isOfAccount(principal: string, account: string): boolean {
  return principal === '*' || principal === account || principal.startsWith(`arn:aws:iam::${account}:`)
}

type Test = (value: string, wanted: string) => boolean

const tests: Record<string, Test> = {
  StringEquals: (value, wanted) => value === wanted,
  StringEqualsIgnoreCase: (value, wanted) => value.toLowerCase() === wanted.toLowerCase(),
  StringLike: isLike,
  ArnEquals: isLike,
  ArnLike: isLike,
  Bool: (value, wanted) => value.toLowerCase() === wanted.toLowerCase(),
}

function conditionsHold(
  conditions: NonNullable<Statement['Condition']>,
  question: PolicyQuestion,
  denies: boolean,
): boolean {
  return Object.entries(conditions).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => {
      const found = conditionKey(key.toLowerCase(), question)
      return holds(operator, found, listOf(wanted)) ?? denies
    }),
  )
}

/** Undefined where the operator is not known: then nothing is allowed, and everything denied. */
function holds(operator: string, found: string | undefined, wanted: string[]): boolean | undefined {
  const plain = operator.replace(/^For(Any|All)Values?:/, '').replace(/IfExists$/, '')
  const positive = plain.replace(/^(String|Arn)Not/, '$1')
  if (plain === 'Null') return wanted.some((value) => (value === 'true') === (found === undefined))
  const test = tests[positive]
  if (!test) return undefined
  if (found === undefined) return operator.endsWith('IfExists') || positive !== plain
  const matches = wanted.some((value) => test(found, value))
  return positive === plain ? matches : !matches
}

function conditionKey(key: string, { sender, caller, keys }: PolicyQuestion): string | undefined {
  if (keys && key in keys) return keys[key]
  if (caller !== undefined && key === 'aws:principalaccount') return caller
  if (caller !== undefined && key.startsWith('aws:principal')) return undefined
  if (key === 'aws:sourcearn') return sender.sourceArn
  if (key === 'aws:sourceaccount') return sender.sourceAccount ?? parseArn(sender.sourceArn)?.account
  if (key === 'aws:principalisawsservice') return 'true'
  if (key === 'aws:principalservicename') return sender.principal
  if (key === 'aws:securetransport') return 'false'
  return undefined
}

/** `*` is any run of characters, `?` any one. */
function isLike(value: string, pattern: string): boolean {
  if (!/[*?]/.test(pattern)) return value === pattern
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replace(/\?/g, '.')
  return new RegExp(`^${source}$`, 's').test(value)
}

function listOf<T>(value: T | T[] | undefined): T[] {
  if (value === undefined) return []
  return Array.isArray(value) ? value : [value]
}
