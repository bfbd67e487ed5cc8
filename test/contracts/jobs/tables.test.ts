/** Tables of the Catalog on the embedded engine, held against what Spark 3.5.6 answers with a Hive metastore. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { GetTableCommand, GlueClient } from '@aws-sdk/client-glue'
import { expect } from 'vitest'
import { test } from '../../fixture.ts'
import { everyRun } from '../../glue/runs.ts'
import { contractFolder, type KnownDifference } from './answers.ts'
import { othersThanSpark } from './tableScripts.ts'

/** On which engine they are differs where the runs of this file's bench go. */
const knownDifferences = (): Record<string, KnownDifference> => {
  const name = everyRun.arguments['--igarape-engine'] === 'spark' ? 'table-differences-on-spark' : 'table-differences'
  return JSON.parse(readFileSync(join(contractFolder, `${name}.json`), 'utf8'))
}

test('a script that fills tables leaves and reads what it does with Spark, but for the differences that are known', async ({
  igarape,
}) => {
  expect(await othersThanSpark(igarape, 'tables')).toEqual(
    Object.fromEntries(Object.entries(knownDifferences()).map(([name, { outcome }]) => [name, outcome])),
  )

  const { Table } = await igarape.client(GlueClient).send(new GetTableCommand({ DatabaseName: 'shop6', Name: 't' }))
  expect(Table).toMatchObject({
    TableType: 'MANAGED_TABLE',
    PartitionKeys: [{ Name: 'k', Type: 'string' }],
    StorageDescriptor: {
      Columns: [
        { Name: 'id', Type: 'int' },
        { Name: 'v', Type: 'string' },
      ],
      SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
    },
  })
}, 300_000)
