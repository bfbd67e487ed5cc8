/** dbt with its Athena adapter, the packages themselves: a small project is built, built again, and documented. */
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Igarape, startIgarape } from '../../src/testkit/server.ts'
import { environmentFor, pythonClients } from './pythonClients.ts'

const programs = pythonClients()

describe.skipIf(!programs)('dbt-athena', () => {
  const project = mkdtempSync(join(tmpdir(), 'igarape-dbt-'))
  let igarape: Igarape

  beforeAll(async () => {
    cpSync(join(import.meta.dirname, 'dbt'), project, { recursive: true })
    igarape = await startIgarape({ clock: 'system' })
    await igarape.client(S3Client).send(new CreateBucketCommand({ Bucket: 'dbt' }))
  })
  afterAll(async () => {
    await igarape?.stop()
    rmSync(project, { recursive: true, force: true })
  })

  async function dbt(...given: string[]): Promise<string> {
    const place = ['--profiles-dir', '.', '--project-dir', '.']
    const settings = { cwd: project, env: environmentFor(igarape.endpoint), maxBuffer: 2 ** 26 }
    try {
      const { stdout } = await promisify(execFile)(
        join(programs as string, 'dbt'),
        ['--no-use-colors', ...given, ...place],
        settings,
      )
      return stdout
    } catch (error) {
      throw new Error(String((error as { stdout?: string }).stdout ?? error))
    }
  }

  test('seeds, views, tables, incremental models and tests are built, and built again', async () => {
    expect(await dbt('build')).toContain('PASS=12 WARN=0 ERROR=0 SKIP=0')

    const again = await dbt('build')
    expect(again).toContain('PASS=12 WARN=0 ERROR=0 SKIP=0')
    expect(again).toMatch(/sql incremental model loja\.acrescimo \.+ \[OK 0 in/)
    expect(again).toMatch(/sql incremental model loja\.troca \.+ \[OK 1 in/)

    const shown = await dbt('show', '--output', 'json', '--inline', "select id from {{ ref('troca') }}")
    expect(shown.match(/"id": \d/g)).toHaveLength(3)
  }, 300_000)

  test('the documentation knows the columns and their comments', async () => {
    await dbt('docs', 'generate')

    const { nodes } = JSON.parse(readFileSync(join(project, 'target/catalog.json'), 'utf8'))
    expect(nodes['model.loja.por_produto']).toMatchObject({
      metadata: { schema: 'loja', name: 'por_produto', comment: 'Por produto.' },
      columns: { produto: { type: 'string', comment: 'O produto.' }, total: { type: 'decimal(38,2)' } },
    })
  }, 120_000)
})
