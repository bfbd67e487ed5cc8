import { readdir, readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { allSignatures } from '../../src/engines/sql/trino/functions/registry.ts'
import { trinoMacros } from '../../src/engines/sql/trino/macros.ts'
import { allNatives } from '../../src/engines/sql/trino/natives/all.ts'

const titles = { scalar: 'Scalar functions', aggregate: 'Aggregates', window: 'Window functions' }

test('FUNCTIONS.md lists the functions that the tables have (vitest -u prints it anew)', async () => {
  const sections = Object.entries(titles).map(([kind, title]) => {
    const signatures = allSignatures().filter((one) => one.kind === kind)
    return `## ${title}\n\n${signatures
      .map(({ signature }) => `- \`${signature}\``)
      .toSorted()
      .join('\n')}\n`
  })
  const text = `# Functions\n\nPrinted from the tables in \`src/engines/sql/trino/functions/\`.\n\n${sections.join('\n')}`

  await expect(text).toMatchFileSnapshot('../../src/services/athena/FUNCTIONS.md')
})

test('each function of ours that the translation writes is a macro or a native', async () => {
  const folder = new URL('../../src/engines/sql/trino/', import.meta.url)
  const files = await readdir(folder, { recursive: true })
  const texts = await Promise.all(
    files.filter((name) => name.endsWith('.ts')).map((name) => readFile(new URL(name, folder), 'utf8')),
  )
  const written = new Set(texts.join('\n').match(/\bigp_\w+/g))
  const made = new Set([...trinoMacros.map((text) => text.slice(0, text.indexOf('('))), ...allNatives().keys()])

  // One is the start of a name, which a type's name ends.
  expect([...written].filter((name) => !made.has(name))).toEqual(['igp_in_range_'])
})
