/** ExecuteStatement, BatchExecuteStatement and ExecuteTransaction. */
import type { Context } from '../../../delivery/context.ts'
import { AwsError } from '../../../wire/errors.ts'
import { operations } from '../../service.ts'
import { consumedCapacity, readUnits, writeUnits } from '../capacity.ts'
import { meets } from '../conditions.ts'
import { hashOf } from '../keys.ts'
import { projected } from '../projections.ts'
import { readItem } from '../storage.ts'
import { mustGetTable, type Table } from '../tables.ts'
import { admit, spend } from '../throughput.ts'
import { transacted } from '../transactions.ts'
import { type Item, invalid, itemSize, type Value } from '../values.ts'
import { type Change, changed, duplicateText, keyIn, tableOf, writeOf } from './changes.ts'
import { selected } from './selects.ts'
import { type Select, type Statement, statementFrom } from './statements.ts'

const batchMax = 25
const transactionMax = 100

export const partiqlOperations = operations('dynamodb', {
  async ExecuteStatement(input, ctx) {
    const statement = read(input)
    if (statement.kind === 'select') return selected(ctx, statement, input.Statement, input)
    if (statement.kind === 'exists') throw invalid('EXISTS is only supported in ExecuteTransaction')
    const { items, ConsumedCapacity } = await change(ctx, statement, input.ReturnConsumedCapacity)
    return { Items: items as never, ...(ConsumedCapacity && { ConsumedCapacity }) }
  },

  async BatchExecuteStatement(input, ctx) {
    if (input.Statements.length > batchMax) throw tooMany('statements', batchMax)
    const read = input.Statements.map(readOrFailed)
    const kinds = new Set(read.map((one) => 'kind' in one && one.kind === 'select'))
    if (kinds.size > 1 && read.every((one) => 'kind' in one)) {
      throw invalid('A batch has either statements that read or statements that write')
    }
    const capacities: object[] = []
    const Responses: object[] = []
    for (const statement of read) {
      const { response, capacity } = await one(ctx, statement, input)
      Responses.push(response)
      if (capacity) capacities.push(capacity)
    }
    return { Responses: Responses as never, ...(capacities.length > 0 && { ConsumedCapacity: capacities }) }
  },

  async ExecuteTransaction(input, ctx) {
    if (input.TransactStatements.length > transactionMax) throw tooMany('transactStatements', transactionMax)
    const statements = input.TransactStatements.map(read)
    const reads = statements.filter(({ kind }) => kind === 'select') as Select[]
    if (reads.length === statements.length) {
      return { Responses: reads.map((select) => itemOf(ctx, select, true)) as never }
    }
    if (reads.length > 0) throw invalid('A transaction has either statements that read or statements that write')
    const { capacities } = await transacted(
      ctx,
      { token: input.ClientRequestToken, hash: hashOf(JSON.stringify(input.TransactStatements)) },
      (tx) =>
        (statements as Change[]).map((statement) => {
          const table = mustGetTable(tx, tableOf(statement))
          const isInsert = statement.kind === 'insert'
          const failed = isInsert ? { Code: 'DuplicateItem', Message: duplicateText } : undefined
          return { tableName: table.name, write: writeOf(statement, table), ...(failed && { failed }) }
        }),
      input.ReturnConsumedCapacity,
    )
    return {
      Responses: statements.map(() => ({})),
      ...(capacities.length > 0 && { ConsumedCapacity: capacities }),
    }
  },
})

interface Request {
  Statement: string | undefined
  Parameters?: unknown
}

function read({ Statement, Parameters }: Request): Statement {
  return statementFrom(Statement as string, Parameters as Value[] | undefined)
}

function readOrFailed(request: Request): Statement | AwsError {
  try {
    return read(request)
  } catch (error) {
    if (error instanceof AwsError) return error
    throw error
  }
}

function tooMany(member: string, max: number): Error {
  return invalid(
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must have length less than or equal to ${max}`,
  )
}

async function change(ctx: Context, statement: Change, wanted: string | undefined) {
  const done = await ctx.commit((tx) => {
    admit(tx, tx.now, mustGetTable(tx, tableOf(statement)), 'write')
    return changed(tx, statement)
  })
  const consumed = writeUnits(done.table, done.before, done.after)
  spend(ctx, ctx.clock.now(), done.table, 'write', consumed)
  return { items: done.items, ConsumedCapacity: consumedCapacity(wanted, done.table, consumed) }
}

/** One statement of a batch: it fails by itself. */
async function one(
  ctx: Context,
  statement: Statement | AwsError,
  input: { ReturnConsumedCapacity?: string | undefined },
): Promise<{ response: object; capacity?: object | undefined }> {
  const TableName = statement instanceof AwsError ? undefined : tableOf(statement)
  try {
    if (statement instanceof AwsError) throw statement
    if (statement.kind === 'select') {
      const { Item, capacity } = itemOf(ctx, statement, false, input.ReturnConsumedCapacity)
      return { response: { TableName, ...(Item && { Item }) }, capacity }
    }
    if (statement.kind === 'exists') throw invalid('EXISTS is only supported in ExecuteTransaction')
    const { items, ConsumedCapacity } = await change(ctx, statement, input.ReturnConsumedCapacity)
    return { response: { TableName, ...(items[0] && { Item: items[0] }) }, capacity: ConsumedCapacity }
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    const failure = { Code: codeOf(error), Message: error.message }
    return { response: { Error: failure, ...(TableName !== undefined && { TableName }) } }
  }
}

function codeOf({ code }: AwsError): string {
  const codes: Record<string, string> = {
    ValidationException: 'ValidationError',
    ConditionalCheckFailedException: 'ConditionalCheckFailed',
    ProvisionedThroughputExceededException: 'ProvisionedThroughputExceeded',
    ResourceNotFoundException: 'ResourceNotFound',
    DuplicateItemException: 'DuplicateItem',
  }
  return codes[code] ?? code
}

/** A SELECT that names one item. */
function itemOf(ctx: Context, select: Select, isConsistent: boolean, wanted?: string) {
  const table: Table = mustGetTable(ctx, select.table)
  if (select.index) throw invalid('Select statements within a batch or a transaction must not read from an index')
  const { key, rest } = keyIn(select.where, table)
  admit(ctx, ctx.clock.now(), table, 'read')
  const found = readItem(ctx, table, key)
  const consumed = { table: readUnits(found ? itemSize(found) : 0, isConsistent), indexes: {} }
  spend(ctx, ctx.clock.now(), table, 'read', consumed)
  const item: Item | undefined = found && (!rest || meets(found, rest)) ? projected(found, select.paths) : undefined
  const capacity = consumedCapacity(wanted, table, consumed)
  return { ...(item && { Item: item }), ...(capacity && { capacity }) }
}
