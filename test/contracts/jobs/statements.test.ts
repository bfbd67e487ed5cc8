/** SQL statements over the Catalog (SHOW, DESCRIBE, ALTER TABLE, MSCK …) on the embedded engine, held against what Spark 3.5.6 answers with a Hive metastore. */
import { test } from '../../fixture.ts'
import { othersThanSpark } from './tableScripts.ts'

test('a statement about tables and databases answers, and changes them, as with Spark', async ({ igarape, expect }) => {
  expect(await othersThanSpark(igarape, 'statements')).toEqual({})
}, 300_000)
