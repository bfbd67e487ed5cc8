/** Builds the checksums' WASM from its source, into a file that is committed: `npx tsx scripts/crc.ts`. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { moduleFile } from './assemblyScript.ts'

const folder = new URL('../src/services/s3/', import.meta.url)
export const crcFile = fileURLToPath(new URL('generated/crc.ts', folder))

export const buildCrc = (): Promise<string> =>
  moduleFile(new URL('crc.as', folder), { constant: 'crcModule', script: 'scripts/crc.ts' })

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(crcFile, await buildCrc())
