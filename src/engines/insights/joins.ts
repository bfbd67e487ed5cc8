/** `join`: the events so far beside those of another query, under the two aliases. */
import type { CommandOf } from './ast.ts'
import { contextOf, type Place } from './commands.ts'
import { compileExpression } from './expressions.ts'
import { Scope } from './scope.ts'
import { textSql } from './values.ts'

export function addJoin(command: CommandOf<'join'>, place: Place): void {
  const { pipeline, compiler } = place
  const right = compiler.side(command.query)
  const aliases = new Map([
    [command.left, pipeline.scope],
    [command.right, right.scope],
  ])
  const both = new Scope([...right.scope.columns, ...pipeline.scope.columns], pipeline.scope.source, aliases)
  const context = { ...contextOf(place), scope: both }
  const [one, other] = command.on.map((side) => textSql(compileExpression(side, context)))
  const join = command.type === 'left' ? 'LEFT JOIN' : 'JOIN'
  pipeline.add(`SELECT * FROM ${pipeline.current} ${join} (SELECT * FROM ${right.current}) ON ${one} = ${other}`)
  pipeline.scope = both
  pipeline.order.push(...right.order)
}
