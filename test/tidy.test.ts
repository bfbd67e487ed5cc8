/** What a machine can check of how the code reads: floors, banned calls, sizes, names, dead files. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const linesMax = 500
const functionLinesMax = 70

interface Source {
  path: string
  text: string
  lines: string[]
}

const sources = ['src', 'runtimes', 'console/src', 'test', 'bench', 'scripts']
  .filter((folder) => existsSync(join(root, folder)))
  .flatMap(sourcesBelow)
const product = sources.filter((source) => source.path.startsWith('src/'))

function sourcesBelow(folder: string): Source[] {
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && /\.(tsx?|mjs|py)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => !/(^|\/)(generated|data|node_modules|__pycache__)\//.test(path))
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8')
      return { path, text, lines: text.split('\n') }
    })
}

/** From the roof to the ground: a file may import from its own floor's folder and from floors after it. */
const floors: { name: string; has: (path: string) => boolean }[] = [
  { name: 'cli and testkit', has: (path) => /^src\/(cli|testkit)\//.test(path) },
  { name: 'app', has: (path) => path === 'src/app.ts' || path === 'src/services/all.ts' },
  { name: 'gateway', has: (path) => path.startsWith('src/gateway/') },
  { name: 'control', has: (path) => path.startsWith('src/control/') },
  { name: 'services', has: (path) => path.startsWith('src/services/') },
  { name: 'engines', has: (path) => path.startsWith('src/engines/') },
  { name: 'delivery', has: (path) => path.startsWith('src/delivery/') },
  { name: 'observe', has: (path) => path.startsWith('src/observe/') },
  { name: 'store', has: (path) => path.startsWith('src/store/') },
  { name: 'wire', has: (path) => path.startsWith('src/wire/') },
  { name: 'options, clock and errors', has: (path) => /^src\/(options|clock|userError)\.ts$/.test(path) },
]

const floorOf = (path: string) => floors.findIndex((floor) => floor.has(path))

function importsOf(source: Source): { path: string; typeOnly: boolean }[] {
  const statements = source.text.matchAll(/^(import|export) (type )?[^'";]*? ?from '(\.[^']+)'|import\('(\.[^']+)'\)/gm)
  return [...statements].map((match) => ({
    path: relative(root, resolve(root, dirname(source.path), (match[3] ?? match[4]) as string)),
    typeOnly: match[2] !== undefined,
  }))
}

test('a file imports only from floors below its own', () => {
  const wrong = product.flatMap((source) =>
    importsOf(source)
      .filter(({ path, typeOnly }) => !typeOnly && floorOf(path) < floorOf(source.path))
      .map(({ path }) => `${source.path} (${floors[floorOf(source.path)]?.name}) imports ${path}`),
  )

  expect(wrong).toEqual([])
})

test('the console imports nothing of the server', () => {
  const ofConsole = sources.filter((source) => source.path.startsWith('console/'))
  const wrong = ofConsole.flatMap((source) =>
    importsOf(source)
      .filter(({ path, typeOnly }) => !typeOnly && !path.startsWith('console/'))
      .map(({ path }) => `${source.path} imports ${path}`),
  )

  expect(wrong).toEqual([])
})

test('services never import each other', () => {
  const serviceOf = (path: string) => /^src\/services\/([^/]+)\//.exec(path)?.[1]
  const wrong = product.flatMap((source) =>
    importsOf(source)
      .filter(({ path }) => serviceOf(source.path) && serviceOf(path) && serviceOf(path) !== serviceOf(source.path))
      .map(({ path }) => `${source.path} imports ${path}`),
  )

  expect(wrong).toEqual([])
})

const banned: { call: RegExp; instead: string; allowed: RegExp }[] = [
  { call: /\bDate\.now\(|\bnew Date\(\)/, instead: 'ctx.clock.now(), or stopwatch', allowed: /^src\/clock\.ts$/ },
  { call: /(?<![.\w])(setTimeout|setInterval)\(/, instead: 'a due row, or stopwatch', allowed: /^src\/clock\.ts$/ },
  { call: /\bMath\.random\(|\brandomUUID\(/, instead: 'ctx.random', allowed: /^src\/clock\.ts$/ },
  { call: /\bprocess\.env\b/, instead: 'src/options.ts', allowed: /^src\/(options\.ts|cli\/)/ },
  { call: /\bconsole\./, instead: 'platform.log', allowed: /^src\/cli\// },
]

test('time, chance and the environment are read in one place each', () => {
  const wrong = product.flatMap((source) =>
    source.lines.flatMap((line, index) =>
      banned
        .filter(({ call, allowed }) => call.test(line.replace(/\/\/.*|^\s*\*.*/, '')) && !allowed.test(source.path))
        .map(({ instead }) => `${source.path}:${index + 1}: ${line.trim()} (use ${instead})`),
    ),
  )

  expect(wrong).toEqual([])
})

test(`a file has at most ${linesMax} lines and begins with what it is for`, () => {
  const long = sources.filter((source) => source.lines.length > linesMax + 1)
  const silent = product.filter((source) => !/^(#!.*\n)?(\/\*\*|\/\/)/.test(source.text))

  expect(long.map((source) => `${source.path}: ${source.lines.length} lines`)).toEqual([])
  expect(silent.map((source) => source.path)).toEqual([])
})

test(`a function has at most ${functionLinesMax} lines`, () => {
  const wrong = product.flatMap((source) => longFunctions(source))

  expect(wrong).toEqual([])
})

function longFunctions(source: Source): string[] {
  const found: string[] = []
  for (const [index, line] of source.lines.entries()) {
    const opens =
      /^( *)(export )?(async )?(function\b|(static |private |readonly )*(async )?[#\w]+\(.*\)(: .+)? \{$)/.exec(line)
    if (!opens || /^\s*(if|for|while|switch|return)\b/.test(line)) continue
    const indent = opens[1] as string
    const end = source.lines.findIndex((other, at) => at > index && (other === `${indent}}` || other === `${indent}},`))
    if (end - index > functionLinesMax) found.push(`${source.path}:${index + 1}: ${end - index} lines`)
  }
  return found
}

const vagueNames = /(^|\/)(utils?|helpers?|common|types|constants|managers?|misc|index)\.(ts|py)$/

test('files are named by what is in them', () => {
  expect(product.filter((source) => vagueNames.test(source.path)).map((source) => source.path)).toEqual([])
})

test('no file of the product is dead', () => {
  const roots = new Set(['src/cli/main.ts', 'src/testkit/server.ts', 'src/testkit/testing.ts', 'src/testkit/vitest.ts'])
  const imported = new Set(sources.flatMap((source) => importsOf(source).map(({ path }) => path)))
  const dead = product.filter(({ path }) => !imported.has(path) && !roots.has(path))

  expect(dead.map((source) => source.path)).toEqual([])
})

test('nothing is exported by default', () => {
  expect(product.filter((source) => /^export default/m.test(source.text)).map((source) => source.path)).toEqual([])
})
