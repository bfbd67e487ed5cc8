import { CreateJobCommand, GlueClient, ResetJobBookmarkCommand } from '@aws-sdk/client-glue'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { expect } from 'vitest'
import { lake } from '../../src/delivery/lake.ts'
import { bookmarkHost } from '../../src/services/glue/bookmarkHost.ts'
import type { JobRun } from '../../src/services/glue/jobRunRecords.ts'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

const scope = { account: '000000000000', region: 'us-east-1' }
const Bucket = 'lago'
/** So many that the place is kept in memory between two listings. */
const count = 2_500
const keyOf = (n: number) => `bruto/${String(n).padStart(5, '0')}.json`

/** As a run that reads all that is new and commits it, or not. */
async function runOf({ server }: Igarape, id: string, { commits = true } = {}): Promise<string[]> {
  const ctx = server.platform.context(scope)
  const host = bookmarkHost(ctx, { jobName: 'ler', id, attempt: 0 } as JobRun)
  const { version } = await host.begin()
  const { place, files } = await host.list({ source: 'fonte', bucket: Bucket, prefix: 'bruto/' })
  const read = files.map(({ modifiedAt, id }) => ({ place, modifiedAt, id }))
  if (commits) await host.commit(version, { sources: { fonte: read }, keys: {} })
  return files.map(({ key }) => key)
}

test('of very many objects only the new ones are read, wherever they lie, until the bookmark is reset', async ({
  igarape,
}) => {
  const [s3, glue] = [igarape.client(S3Client), igarape.client(GlueClient)]
  await s3.send(new CreateBucketCommand({ Bucket }))
  const Command = { Name: 'glueetl', ScriptLocation: 's3://lago/job.py' }
  await glue.send(new CreateJobCommand({ Name: 'ler', Role: 'glue', Command }))
  const all = Array.from({ length: count }, (_, n) => keyOf(n))
  const files = all.map((key) => ({ bytes: Buffer.from(key), key }))
  await igarape.server.platform.use(lake).commit({ scope, bucket: Bucket, files })
  const put = (Key: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body: 'novo' }))

  expect(await runOf(igarape, 'primeira')).toEqual(all)
  expect(await runOf(igarape, 'segunda')).toEqual([])
  await igarape.clock.advance({ seconds: 1 })
  const changed = [keyOf(0), keyOf(1200), `${keyOf(1200)}.outro`, keyOf(count)]
  for (const key of changed) await put(key)
  expect(await runOf(igarape, 'que falha', { commits: false })).toEqual(changed)
  expect(await runOf(igarape, 'terceira')).toEqual(changed)
  expect(await runOf(igarape, 'quarta')).toEqual([])
  await glue.send(new ResetJobBookmarkCommand({ JobName: 'ler', RunId: 'segunda' }))
  expect(await runOf(igarape, 'quinta')).toEqual(changed)
  await glue.send(new ResetJobBookmarkCommand({ JobName: 'ler' }))
  expect(await runOf(igarape, 'sexta')).toHaveLength(count + 2)
})
