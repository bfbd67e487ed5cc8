/**
 * Bundles src/ into dist/, where the command and `igarape/testing` are imported from. Split into chunks, so that a
 * command loads only what it runs; flat, so that `../runtimes` is right beside every chunk. The console goes into
 * dist/console.
 */
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const entries = { main: 'src/cli/main.ts', testing: 'src/testkit/testing.ts' }
const folder = `${root}dist`
/** Leaves the chunks of earlier builds in place, for what runs from them now. */
const isIncremental = process.argv.includes('--incremental')
/** Built aside, so that a command that starts meanwhile finds a whole bundle. */
const aside = `${root}dist.${process.pid}`

const result = await build({
  absWorkingDir: root,
  entryPoints: Object.fromEntries(Object.entries(entries).filter(([, path]) => existsSync(root + path))),
  outdir: aside,
  entryNames: '[name]',
  chunkNames: '[name]-[hash]',
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  // They carry native code. All else is bundled: one file to read is faster than a hundred.
  external: ['lmdb', '@duckdb/node-api', '@duckdb/node-bindings', 'vitest', '@aws-sdk/client-*'],
  // CommonJS packages inside the bundle call `require`, which ES modules do not have.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
  sourcemap: process.argv.includes('--sourcemap'),
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
})
mkdirSync(`${aside}/generated`, { recursive: true })
for (const name of readdirSync(`${root}src/wire/generated`)) {
  if (name.endsWith('.json')) cpSync(`${root}src/wire/generated/${name}`, `${aside}/generated/${name}`)
}
await buildConsole()
if (!isIncremental) {
  declareTypes()
  rmSync(folder, { recursive: true, force: true })
}
moveInto(folder)

if (!isIncremental) {
  const sizes = Object.values(result.metafile.outputs).map((output) => output.bytes)
  const models = readdirSync(`${folder}/generated`).map((name) => statSync(`${folder}/generated/${name}`).size)
  const kilobytes = (bytes: number[]) => Math.round(bytes.reduce((sum, size) => sum + size, 0) / 1000)
  console.log(`dist/: ${kilobytes(sizes)} kB of code in ${sizes.length} files, ${kilobytes(models)} kB of models`)
}

/** The web page, by Vite; only where something of it has changed, for it takes longer than all the rest. */
async function buildConsole(): Promise<void> {
  const built = `${folder}/console/index.html`
  if (isIncremental && existsSync(built) && statSync(built).mtimeMs > newest(`${root}console`)) return
  const { build: buildPage } = await import('vite')
  await buildPage({
    configFile: `${root}console/vite.config.ts`,
    build: { outDir: `${aside}/console`, emptyOutDir: false },
  })
}

function newest(path: string): number {
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => statSync(`${path}/${name}`))
  return Math.max(...files.map((file) => file.mtimeMs))
}

/** Types of `igarape/testing` alone: those of the inside would need every SDK client. */
function declareTypes(): void {
  const all = `${aside}/declared`
  const settings = '--ignoreConfig --declaration --emitDeclarationOnly --rewriteRelativeImportExtensions --strict'
  const target = '--target es2023 --module nodenext --types node --skipLibCheck --rootDir src'
  const given = [...settings.split(' '), ...target.split(' '), '--outDir', all, entries.testing]
  const told = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', ...given], {
    cwd: root,
    stdio: 'inherit',
  })
  if (told.status !== 0) process.exit(1)
  keepDeclared('testkit/testing.d.ts')
  rmSync(all, { recursive: true })

  /** And what it imports, by the names of JavaScript, which every resolution of TypeScript knows. */
  function keepDeclared(path: string): void {
    const declared = readFileSync(`${all}/${path}`, 'utf8').replace(/(from '\.[^']+)\.ts'/g, "$1.js'")
    mkdirSync(dirname(`${aside}/types/${path}`), { recursive: true })
    writeFileSync(`${aside}/types/${path}`, declared)
    for (const [, imported = ''] of declared.matchAll(/from '(\.[^']+)\.js'/g)) {
      keepDeclared(join(dirname(path), `${imported}.d.ts`))
    }
  }
}

/** The entry points last: whoever finds one finds all that it imports. */
function moveInto(folder: string): void {
  const isEntry = (name: string) =>
    name === 'console/index.html' || Object.keys(entries).some((entry) => name === `${entry}.js`)
  const files = readdirSync(aside, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(`${aside}/${name}`).isFile(),
  )
  for (const name of files) mkdirSync(dirname(`${folder}/${name}`), { recursive: true })
  for (const name of files.sort((left, right) => Number(isEntry(left)) - Number(isEntry(right)))) {
    renameSync(`${aside}/${name}`, `${folder}/${name}`)
  }
  rmSync(aside, { recursive: true, force: true })
}
