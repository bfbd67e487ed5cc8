/** Where the package's own files lie, in a checkout and in an installed package alike. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder that holds runtimes/; found upwards, since bundled code lies elsewhere than source. */
export function packageFolder(from: string = path.dirname(fileURLToPath(import.meta.url))): string {
  for (let folder = from; ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, 'runtimes/lambda-node/bootstrap.cjs'))) return folder
    if (folder === path.dirname(folder)) throw new Error(`No runtimes/ folder was found above ${from}.`)
  }
}
