/** Outputs that other stacks import: unique in a region, and not to be changed while they are imported. */
import type { Tx } from '../../delivery/context.ts'
import { collection, type Records } from '../../store/collection.ts'
import { operations } from '../service.ts'
import type { Output } from './scope.ts'
import { type Stack, validationError } from './stacks.ts'
import { TemplateError } from './templates.ts'

export interface Export {
  name: string
  value: string
  stackArn: string
  stackName: string
}

export const stackExports = collection<Export>('cloudformation/exports', { version: 1, key: (one) => [one.name] })

/** Which stack imports which export. */
export interface Import {
  exportName: string
  stackName: string
  stackArn: string
}

export const stackImports = collection<Import>('cloudformation/imports', {
  version: 1,
  key: (one) => [one.exportName, one.stackArn],
})

const pageSize = 100

export function importedValue(records: Records<Export>, name: string): string {
  const found = records.get(name)
  if (found) return found.value
  throw new TemplateError(`No export named ${name} found.`)
}

/** Makes the stack's exports those of `outputs`, and its imports `imported`. Throws what stands against it. */
export function putExports(tx: Tx, stack: Stack, outputs: Output[], imported: ReadonlySet<string>): void {
  const wanted = new Map(outputs.flatMap((output) => (output.exportName ? [[output.exportName, output.value]] : [])))
  for (const [name, value] of wanted) {
    const present = tx.in(stackExports).get(name)
    if (present && present.stackArn !== stack.arn) {
      throw new TemplateError(`Export with name ${name} is already exported by stack ${present.stackName}.`)
    }
    if (present && present.value !== value) checkUnused(tx, name, stack, 'updated')
    tx.in(stackExports).put({ name, value, stackArn: stack.arn, stackName: stack.name })
  }
  for (const present of [...tx.in(stackExports).list()]) {
    if (present.stackArn !== stack.arn || wanted.has(present.name)) continue
    checkUnused(tx, present.name, stack, 'deleted')
    tx.in(stackExports).delete(present.name)
  }
  for (const present of [...tx.in(stackImports).list()]) {
    if (present.stackArn === stack.arn && !imported.has(present.exportName)) {
      tx.in(stackImports).delete(present.exportName, stack.arn)
    }
  }
  for (const exportName of imported) {
    tx.in(stackImports).put({ exportName, stackName: stack.name, stackArn: stack.arn })
  }
}

function checkUnused(tx: Tx, name: string, stack: Stack, change: 'updated' | 'deleted'): void {
  const users = [...tx.in(stackImports).list({ prefix: [name] })].filter((one) => one.stackArn !== stack.arn)
  if (users.length === 0) return
  const names = users.map((one) => one.stackName).join(' and ')
  throw new TemplateError(`Export ${name} cannot be ${change} as it is in use by ${names}`)
}

export const exportOperations = operations('cloudformation', {
  async ListExports(input, ctx) {
    const range = { limit: pageSize, ...(input.NextToken !== undefined && { after: [input.NextToken] }) }
    const page = [...ctx.in(stackExports).list(range)]
    const last = page.at(-1)
    return {
      Exports: page.map((one) => ({ ExportingStackId: one.stackArn, Name: one.name, Value: one.value })),
      ...(last && page.length === pageSize && { NextToken: last.name }),
    }
  },

  async ListImports(input, ctx) {
    const users = [...ctx.in(stackImports).list({ prefix: [input.ExportName] })]
    if (users.length === 0) throw validationError(`Export '${input.ExportName}' is not imported by any stack.`)
    return { Imports: users.map((one) => one.stackName) }
  },
})
