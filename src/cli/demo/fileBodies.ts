/** Where the bodies of dropped files come from: an example's generator, or a file of the user's. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { UserError } from '../../userError.ts'

/** What the example's data/generate.ts prints for these arguments. */
export async function generated(exampleFolder: string, given: readonly string[]): Promise<Buffer> {
  const line = ['--import', 'tsx', 'data/generate.ts', ...given]
  const { stdout } = await promisify(execFile)(process.execPath, line, {
    cwd: exampleFolder,
    encoding: 'buffer',
    maxBuffer: 100 * 2 ** 20,
  })
  return stdout
}

/** `kind` says what is wanted, as `a CSV file with the columns …`. Errors: UserError where it cannot be read. */
export function bodyOf(path: string, kind: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new UserError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`, {
      fix: `Give the path of ${kind}.`,
    })
  }
}
