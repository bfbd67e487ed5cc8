/** A server that is killed while a crawler runs: the next start runs the same crawl again, to its true end. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateCrawlerCommand,
  GetCrawlerCommand,
  GetPartitionsCommand,
  type GlueClient,
  ListCrawlsCommand,
  StartCrawlerCommand,
} from '@aws-sdk/client-glue'
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { expect, test } from 'vitest'
import { clients, started } from './killableServer.ts'

const folders = 150

test('a crawl whose server was killed is run again by the next start', async () => {
  const data = mkdtempSync(join(tmpdir(), 'igarape-crawl-killed-'))
  const first = await started(data)
  const { glue, s3 } = clients(first.endpoint)
  await s3.send(new CreateBucketCommand({ Bucket: 'lago' }))
  for (let n = 0; n < folders; n++)
    await s3.send(new PutObjectCommand({ Bucket: 'lago', Key: `dias/d=${n}/a.csv`, Body: `id,total\n${n},2.5\n` }))
  const Targets = { S3Targets: [{ Path: 's3://lago/dias/' }] }
  await glue.send(new CreateCrawlerCommand({ Name: 'dias', Role: 'glue', DatabaseName: 'lago', Targets }))
  await glue.send(new StartCrawlerCommand({ Name: 'dias' }))
  const { Crawler: running } = await glue.send(new GetCrawlerCommand({ Name: 'dias' }))

  const gone = new Promise((done) => first.child.once('exit', done))
  first.child.kill('SIGKILL')
  await gone
  const second = await started(data)
  const again = clients(second.endpoint).glue
  const crawls = await finished(again)
  const { Partitions = [] } = await again.send(
    new GetPartitionsCommand({ DatabaseName: 'lago', TableName: 'dias', MaxResults: 1000 }),
  )
  second.child.kill('SIGTERM')
  await new Promise((done) => second.child.once('exit', done))
  rmSync(data, { recursive: true, force: true })

  expect(running?.State).toBe('RUNNING')
  expect(crawls).toMatchObject([{ State: 'COMPLETED' }])
  expect(Partitions).toHaveLength(folders)
})

async function finished(glue: GlueClient) {
  for (let left = 600; left > 0; left--) {
    const { Crawls = [] } = await glue.send(new ListCrawlsCommand({ CrawlerName: 'dias' }))
    if (Crawls[0]?.State !== 'RUNNING') return Crawls
    await new Promise((done) => setTimeout(done, 50))
  }
  throw new Error('the crawl did not end')
}
