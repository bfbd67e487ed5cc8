/** cdklocal, with the CDK of this repository under it: an app's life by the port alone, and by endpoints in the environment. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { CreateBucketCommand, HeadBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Igarape, startIgarape } from '../../src/testkit/server.ts'
import { nodeTools, run } from './tools.ts'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

const tools = nodeTools()
const root = resolve(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'igarape-cdklocal-'))
const bucket = 'vendas-cdk'

let igarape: Igarape
let s3: S3Client

describe.skipIf(tools === undefined)('cdklocal (skipped where npm cannot install it)', () => {
  beforeAll(async () => {
    igarape = await startIgarape({ clock: 'system' })
    s3 = igarape.client(S3Client)
    // The app adds a notification to a bucket that is there before it.
    await s3.send(new CreateBucketCommand({ Bucket: 'antigo-cdk' }))
    cpSync(join(root, 'test/cdk/project'), folder, { recursive: true })
    mkdirSync(join(folder, 'home'))
    writeFileSync(
      join(folder, 'cdk.json'),
      JSON.stringify({ app: `${process.execPath} ${join(root, 'test/cdk/app.mjs')}` }),
    )
  })
  afterAll(async () => {
    await igarape.stop()
    rmSync(folder, { recursive: true })
  })

  test('told the port alone, it bootstraps and deploys over the names that public DNS has', async () => {
    const byPort = {
      EDGE_PORT: String(igarape.port),
      NODE_OPTIONS: `--require=${join(import.meta.dirname, 'publicNames.cjs')}`,
    }
    await cdklocal('bootstrap', byPort)
    await cdklocal('deploy Base --require-approval never', byPort)

    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: 'site/' }))
    expect(Contents.map(({ Key }) => Key)).toContain('site/index.html')
  })

  test('told endpoints, it finds no difference, and destroys', async () => {
    const byEndpoint = { AWS_ENDPOINT_URL: igarape.endpoint, AWS_ENDPOINT_URL_S3: igarape.endpoint }
    await cdklocal('diff Base --fail', byEndpoint)
    await cdklocal('destroy Base --force', byEndpoint)

    await expect(s3.send(new HeadBucketCommand({ Bucket: bucket }))).rejects.toMatchObject({ name: 'NotFound' })
  })
})

function cdklocal(command: string, told: Record<string, string>): Promise<string> {
  const program = join(tools as string, 'node_modules/aws-cdk-local/bin/cdklocal')
  const given = [program, ...command.split(' '), '--no-notices', '--no-color', '--ci']
  return run(process.execPath, given, {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      HOME: join(folder, 'home'),
      NODE_PATH: join(root, 'node_modules'),
      CDK_DISABLE_CLI_TELEMETRY: 'true',
      CI: '1',
      ...told,
    },
  })
}
