/** Builds the WASM scanner of event patterns from its source, into a file that is committed: `npx tsx scripts/scanner.ts`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const folder = new URL('../src/engines/patterns/scanner/', import.meta.url)
export const generatedFile = fileURLToPath(new URL('generated/eventScan.ts', folder))

/** The text of the generated file. */
export async function buildScanner(): Promise<string> {
  const source = readFileSync(new URL('eventScan.as', folder), 'utf8')
  let binary: Uint8Array | undefined
  const options = ['--optimizeLevel', '3', '--shrinkLevel', '0', '--converge', '--noAssert', '--runtime', 'stub']
  const memory = ['--importMemory', '--enable', 'simd', '--use', 'abort=']
  const { error, stderr } = await asc.main(['eventScan.ts', '--outFile', 'eventScan.wasm', ...options, ...memory], {
    readFile: (name) => (name === 'eventScan.ts' ? source : null),
    writeFile: (_name, contents) => {
      if (typeof contents !== 'string') binary = contents
    },
    listFiles: () => [],
  })
  if (error || !binary) throw new Error(`The scanner does not compile: ${stderr.toString()}`)
  const text = Buffer.from(binary).toString('base64')
  return `/** Built from eventScan.as by scripts/scanner.ts; do not edit. */\nexport const eventScanModule =\n  '${text}'\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(generatedFile, await buildScanner())
