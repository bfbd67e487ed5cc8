/**
 * Builds the thread that hashes bodies from its source, as the text of a file that is committed: `npx tsx
 * scripts/digestThread.ts`. Who runs the server from source needs no bundler.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const folder = new URL('../src/services/s3/', import.meta.url)
export const digestThreadFile = fileURLToPath(new URL('generated/digestThread.ts', folder))

export async function buildDigestThread(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('digestThread.ts', folder))],
    bundle: true,
    minify: true,
    write: false,
    platform: 'node',
    // A thread that is given a text runs it as a script.
    format: 'cjs',
    target: 'node20.19',
  })
  const text = JSON.stringify(outputFiles[0]?.text.trim())
  return `/** Built from digestThread.ts by scripts/digestThread.ts; do not edit. */\nexport const digestThread =\n  ${text}\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(digestThreadFile, await buildDigestThread())
