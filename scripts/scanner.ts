/** Builds the WASM scanner of event patterns from its source, into a file that is committed: `npx tsx scripts/scanner.ts`. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { moduleFile } from './assemblyScript.ts'

const folder = new URL('../src/engines/patterns/scanner/', import.meta.url)
export const generatedFile = fileURLToPath(new URL('generated/eventScan.ts', folder))

/** The text of the generated file. */
export const buildScanner = (): Promise<string> =>
  moduleFile(new URL('eventScan.as', folder), { constant: 'eventScanModule', script: 'scripts/scanner.ts' })

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(generatedFile, await buildScanner())
