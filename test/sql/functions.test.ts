import { expect, test } from 'vitest'
import { allSignatures } from '../../src/engines/sql/trino/functions/registry.ts'

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
