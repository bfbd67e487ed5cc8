/** A server that is killed while it evaluates: the next start evaluates again, and there is one result. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateDatabaseCommand,
  CreateDataQualityRulesetCommand,
  CreateTableCommand,
  GetDataQualityRulesetEvaluationRunCommand,
  type GlueClient,
  ListDataQualityResultsCommand,
  StartDataQualityRulesetEvaluationRunCommand,
} from '@aws-sdk/client-glue'
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { expect, test } from 'vitest'
import { clients, started } from './killableServer.ts'

test('a run whose server was killed is run again by the next start', async () => {
  const data = mkdtempSync(join(tmpdir(), 'igarape-killed-'))
  const first = await started(data)
  const { glue, s3 } = clients(first.endpoint)
  await makeTable(glue, s3)
  const { RunId } = await glue.send(
    new StartDataQualityRulesetEvaluationRunCommand({
      DataSource: { GlueTable: { DatabaseName: 'vendas', TableName: 'pedidos' } },
      Role: 'glue',
      RulesetNames: ['pedidos'],
      AdditionalRunOptions: { ResultsS3Prefix: 's3://lago/qualidade/' },
    }),
  )
  const statusAt = async (client: GlueClient) =>
    (await client.send(new GetDataQualityRulesetEvaluationRunCommand({ RunId }))).Status
  await until(async () => (await statusAt(glue)) !== 'STARTING' || undefined)

  const gone = new Promise((done) => first.child.once('exit', done))
  first.child.kill('SIGKILL')
  await gone
  // Killed while it read, it left what it had opened.
  mkdirSync(join(data, 'jobs/runs', RunId ?? '', '.igarape/000001-open'), { recursive: true })
  const second = await started(data)
  const again = clients(second.endpoint)
  await until(async () => !['STARTING', 'RUNNING'].includes((await statusAt(again.glue)) ?? '') || undefined)
  const run = await again.glue.send(new GetDataQualityRulesetEvaluationRunCommand({ RunId }))
  const { Results } = await again.glue.send(new ListDataQualityResultsCommand({}))
  const { Contents } = await again.s3.send(new ListObjectsV2Command({ Bucket: 'lago', Prefix: 'qualidade/' }))
  second.child.kill('SIGTERM')
  await new Promise((done) => second.child.once('exit', done))
  rmSync(data, { recursive: true, force: true })

  expect(run).toMatchObject({ Status: 'SUCCEEDED' })
  expect(Results?.map(({ ResultId }) => ResultId)).toEqual(run.ResultIds)
  expect(Contents).toHaveLength(1)
}, 180_000)

async function makeTable(glue: GlueClient, s3: S3Client): Promise<void> {
  await s3.send(new CreateBucketCommand({ Bucket: 'lago' }))
  await s3.send(new PutObjectCommand({ Bucket: 'lago', Key: 'pedidos/a.json', Body: '{"id":"o-1"}\n' }))
  await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'vendas' } }))
  const StorageDescriptor = { Columns: [{ Name: 'id', Type: 'string' }], Location: 's3://lago/pedidos/' }
  const TableInput = { Name: 'pedidos', Parameters: { classification: 'json' }, StorageDescriptor }
  await glue.send(new CreateTableCommand({ DatabaseName: 'vendas', TableInput }))
  const Ruleset = 'Rules = [ RowCount = 1, IsUnique "id" ]'
  await glue.send(new CreateDataQualityRulesetCommand({ Name: 'pedidos', Ruleset }))
}

/** Asks again until there is an answer. */
async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (let left = 1600; ; left--) {
    const answer = await ask()
    if (answer) return answer
    if (left === 0) throw new Error('it did not come')
    await new Promise((done) => setTimeout(done, 50))
  }
}
