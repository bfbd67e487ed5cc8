/** Compiles AssemblyScript to WASM, as the text of a source file that is committed: who builds the server needs no compiler. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

/** The text of a file that exports the module in base64. `script` is who builds it. */
export async function moduleFile(
  source: URL,
  { constant, script }: { constant: string; script: string },
): Promise<string> {
  const name = fileURLToPath(source).split('/').at(-1) ?? ''
  const text = readFileSync(source, 'utf8')
  const entry = name.replace('.as', '.ts')
  let binary: Uint8Array | undefined
  const options = ['--optimizeLevel', '3', '--shrinkLevel', '0', '--converge', '--noAssert', '--runtime', 'stub']
  const memory = ['--importMemory', '--enable', 'simd', '--use', 'abort=']
  const { error, stderr } = await asc.main([entry, '--outFile', 'out.wasm', ...options, ...memory], {
    readFile: (path) => (path === entry ? text : sibling(source, path)),
    writeFile: (_path, contents) => {
      if (typeof contents !== 'string') binary = contents
    },
    listFiles: () => [],
  })
  if (error || !binary) throw new Error(`${name} does not compile: ${stderr.toString()}`)
  const encoded = Buffer.from(binary).toString('base64')
  return `/** Built from ${name} by ${script}; do not edit. */\nexport const ${constant} =\n  '${encoded}'\n`
}

/** What a source imports: the compiler asks for `x.ts`, the file beside it is `x.as`. */
function sibling(source: URL, path: string): string | null {
  try {
    return readFileSync(new URL(path.replace(/\.ts$/, '.as'), source), 'utf8')
  } catch {
    return null
  }
}
