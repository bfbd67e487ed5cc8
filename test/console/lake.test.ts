/** Jobs, what they wrote, and questions to it, as a person sees them in the console. */
import { AthenaClient, CreateWorkGroupCommand } from '@aws-sdk/client-athena'
import {
  CreateDatabaseCommand,
  CreateTableCommand,
  CreateTriggerCommand,
  CreateWorkflowCommand,
  GlueClient,
} from '@aws-sdk/client-glue'
import {
  CreateNamespaceCommand,
  CreateWorkgroupCommand,
  RedshiftServerlessClient,
} from '@aws-sdk/client-redshift-serverless'
import { describe } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { type JobBench, jobBench } from '../glue/runs.ts'
import { executablePath, patience, type Sight, test } from './browser.ts'

/** Reads, writes Parquet, and goes on only when it is told to, or the object `go` is there. */
const script = `import sys
import time
import boto3
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
spark.read.option('header', True).csv('s3://lago/in/').write.mode('overwrite').parquet('s3://lago/out/')
while '--go' not in sys.argv and 'Contents' not in boto3.client('s3').list_objects_v2(Bucket='lago', Prefix='go'):
    time.sleep(0.05)
`

async function benchWithJob(igarape: Igarape): Promise<JobBench> {
  const bench = await jobBench(igarape)
  await bench.put('in/a.csv', 'id,name\n1,Açaí\n2,Cupuaçu\n')
  await bench.job('transform', script)
  await bench.run('transform', { '--go': 'on' })
  // The next run is a later one.
  await igarape.clock.advance({ seconds: 1 })
  return bench
}

describe.skipIf(!executablePath)('in the console', { timeout: patience }, () => {
  test('a run shows how far it is while it goes, then its engine, what it read and what it wrote', async ({
    igarape,
    sight,
    expect,
  }) => {
    const { page } = sight
    const bench = await benchWithJob(igarape)

    await sight.open('jobs/transform')
    await page.getByRole('button', { name: 'Run now' }).click()
    await page.getByText(/about \d+ % of the usual/).waitFor()
    await page.getByText('Rows written').waitFor()
    await bench.put('go', '')
    await page.getByRole('progressbar').waitFor({ state: 'detached' })
    await page.locator('.facts').last().getByText('Cost on AWS').waitFor()
    const facts = await page.locator('.facts').last().innerText()

    expect(facts).toMatch(/Engine\s+Sail/)
    expect(facts).toMatch(/Rows read\s+2\s/)
    expect(facts).toMatch(/Rows written\s+2\s/)
    expect(sight.complaints).toEqual([])
  })

  test('a workflow is drawn, run from there, and tells how it went', async ({ igarape, sight, expect }) => {
    const { page } = sight
    const bench = await benchWithJob(igarape)
    await bench.put('go', '')
    const glue = igarape.client(GlueClient)
    await glue.send(new CreateWorkflowCommand({ Name: 'nightly' }))
    const Actions = [{ JobName: 'transform' }]
    await glue.send(new CreateTriggerCommand({ Name: 'begin', Type: 'ON_DEMAND', WorkflowName: 'nightly', Actions }))

    await sight.open('jobs?workflow=nightly')
    const drawn = await page.locator('.node-name').allInnerTexts()
    await page.getByRole('button', { name: 'Run now' }).click()
    await page.getByText('1 of 1 done, 0 failed').waitFor()
    await page.locator('.edge-count', { hasText: '1' }).waitFor()

    expect(drawn).toEqual(['begin', 'transform'])
    expect(sight.complaints).toEqual([])
  })

  test('files of Parquet, CSV and JSON show their rows', async ({ igarape, sight, expect }) => {
    const { page } = sight
    const bench = await benchWithJob(igarape)
    await bench.put('in/b.json', '{"id": 3, "name": "Bacuri"}\n')
    const [parquet = ''] = await bench.keys('out/part-')

    const rowsOf = async (key: string) => {
      await sight.open(`objects/lago?key=${encodeURIComponent(key)}`)
      await page.locator('.grid tbody tr').first().waitFor()
      return page.locator('.grid tbody tr').allInnerTexts()
    }

    expect(await rowsOf(parquet)).toEqual(['1\tAçaí', '2\tCupuaçu'])
    expect(await rowsOf('in/a.csv')).toEqual(['1\tAçaí', '2\tCupuaçu'])
    expect(await rowsOf('in/b.json')).toEqual(['3\tBacuri'])
    expect(sight.complaints).toEqual([])
  })

  test('a table of the Catalog shows a sample, and Athena answers with the bytes it read and its plan', async ({
    igarape,
    sight,
    expect,
  }) => {
    const { page } = sight
    await benchWithJob(igarape)
    await catalogTable(igarape)

    await sight.open('catalog/shop/fruit')
    await page.getByRole('button', { name: 'Show 50 rows' }).click()
    await page.locator('.grid').getByText('Cupuaçu').waitFor()
    await sight.open(`sql?sql=${encodeURIComponent('SELECT name FROM fruit ORDER BY id')}`)
    await page.getByRole('button', { name: /^Run/ }).click()
    await page.locator('.grid').getByText('Açaí').waitFor()
    await page.getByText(/[1-9]\d* B read/).waitFor()
    await page.getByRole('button', { name: 'Plan' }).click()
    await page.locator('.plan').waitFor()

    expect(await page.locator('.plan').innerText()).toMatch(/ORDER_BY/)
    expect(page.url()).toMatch(/database=shop&sql=SELECT\+name/)
    expect(sight.complaints).toEqual([])
  })

  test('Redshift answers in the editor, with its plan, and what was asked is there to be asked again', async ({
    igarape,
    sight,
    expect,
  }) => {
    const { page } = sight
    const redshift = igarape.client(RedshiftServerlessClient)
    await redshift.send(new CreateNamespaceCommand({ namespaceName: 'vendas' }))
    await redshift.send(new CreateWorkgroupCommand({ workgroupName: 'vendas', namespaceName: 'vendas' }))

    await sight.open('sql?engine=redshift')
    await ask(sight, 'CREATE TABLE fruit (id int, name varchar(20))')
    await page.getByText('Done').waitFor()
    await ask(sight, "INSERT INTO fruit VALUES (1, 'Açaí'), (2, null)")
    await page.getByText('finished').nth(1).waitFor()
    await ask(sight, 'SELECT id, name FROM fruit ORDER BY id')
    await page.locator('.grid tbody tr').first().waitFor()
    const rows = await page.locator('.grid tbody tr').allInnerTexts()
    await page.getByRole('button', { name: 'Plan' }).click()
    await page.locator('.plan').waitFor()
    await ask(sight, 'SELECT nothing FROM fruit')
    await page
      .getByRole('alert')
      .getByText(/nothing/)
      .waitFor()

    await page.locator('.asked-line').nth(4).waitFor()

    expect(rows).toEqual(['1\tAçaí', '2\tnull'])
    expect(sight.complaints).toEqual([])
  })
})

async function ask({ page }: Sight, sql: string): Promise<void> {
  await page.locator('.cm-content').fill(sql)
  await page.getByRole('button', { name: /^Run/ }).click()
}

async function catalogTable(igarape: Igarape): Promise<void> {
  const glue = igarape.client(GlueClient)
  await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'shop' } }))
  const StorageDescriptor = {
    Columns: [
      { Name: 'id', Type: 'string' },
      { Name: 'name', Type: 'string' },
    ],
    Location: 's3://lago/out/',
    InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
    OutputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
    SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
  }
  const TableInput = { Name: 'fruit', TableType: 'EXTERNAL_TABLE', StorageDescriptor }
  await glue.send(new CreateTableCommand({ DatabaseName: 'shop', TableInput }))
  const ResultConfiguration = { OutputLocation: 's3://lago/results/' }
  await igarape
    .client(AthenaClient)
    .send(new CreateWorkGroupCommand({ Name: 'analysts', Configuration: { ResultConfiguration } }))
}
