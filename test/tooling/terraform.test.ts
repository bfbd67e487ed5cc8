/** Terraform with the real AWS provider: it starts without being told to skip its questions, applies, and has nothing left to do. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Igarape, startIgarape } from '../../src/testkit/server.ts'
import { pythonTools, run, terraformPlugins } from './tools.ts'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 240_000 })

const plugins = terraformPlugins()
const programs = plugins && pythonTools()
const resources = `
data "aws_caller_identity" "eu" {}
resource "aws_s3_bucket" "vendas" {
  bucket        = "vendas-\${data.aws_caller_identity.eu.account_id}"
  force_destroy = true
}
resource "aws_s3_bucket_notification" "avisos" {
  bucket      = aws_s3_bucket.vendas.id
  eventbridge = true
}
resource "aws_sqs_queue" "chegadas" {
  name                       = "chegadas"
  visibility_timeout_seconds = 90
}
resource "aws_sns_topic" "recusas" { name = "recusas" }
resource "aws_cloudwatch_event_rule" "novas" {
  name          = "novas"
  event_pattern = jsonencode({ source = ["aws.s3"], detail = { bucket = { name = [aws_s3_bucket.vendas.bucket] } } })
}
resource "aws_cloudwatch_event_target" "fila" {
  rule = aws_cloudwatch_event_rule.novas.name
  arn  = aws_sqs_queue.chegadas.arn
}
resource "aws_cloudwatch_log_group" "vendas" {
  name              = "/vendas"
  retention_in_days = 7
}
resource "aws_glue_catalog_database" "vendas" { name = "vendas" }
output "conta" { value = data.aws_caller_identity.eu.account_id }
`

let igarape: Igarape

describe.skipIf(plugins === undefined)('Terraform (skipped where it or its AWS provider is not installed)', () => {
  beforeAll(async () => {
    igarape = await startIgarape({ clock: 'system' })
  })
  afterAll(() => igarape.stop())

  test('with nothing but an endpoint, the provider starts, applies, finds no difference, and destroys', async () => {
    await inFolder(async (terraform) => {
      await terraform('terraform', 'apply -auto-approve')
      expect((await terraform('terraform', 'output -raw conta')).trim()).toBe('000000000000')
      expect(await terraform('terraform', 'plan -detailed-exitcode')).toContain('No changes')
      await igarape.client(S3Client).send(new HeadBucketCommand({ Bucket: 'vendas-000000000000' }))
      await terraform('terraform', 'destroy -auto-approve')
      const gone = igarape.client(S3Client).send(new HeadBucketCommand({ Bucket: 'vendas-000000000000' }))
      await expect(gone).rejects.toMatchObject({ name: 'NotFound' })
    })
  })

  test.skipIf(programs === undefined)('tflocal applies the same (skipped where pip cannot install it)', async () => {
    await inFolder(async (terraform) => {
      await terraform(join(programs as string, 'tflocal'), 'apply -auto-approve')
      expect(await terraform(join(programs as string, 'tflocal'), 'plan -detailed-exitcode')).toContain('No changes')
      await terraform(join(programs as string, 'tflocal'), 'destroy -auto-approve')
    })
  })
})

type Command = (program: string, command: string) => Promise<string>

async function inFolder(use: (terraform: Command) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'igarape-terraform-'))
  const provider = 'provider "aws" {\n  s3_use_path_style = true\n}\n'
  const wanted = 'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n'
  writeFileSync(join(folder, 'main.tf'), wanted + provider + resources)
  const env = {
    PATH: `${programs}:${process.env.PATH}`,
    HOME: folder,
    AWS_ENDPOINT_URL: igarape.endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_DEFAULT_REGION: 'us-east-1',
    LOCALSTACK_HOSTNAME: '127.0.0.1',
    // Its own default is a public name, which a machine without DNS cannot look up.
    S3_HOSTNAME: '127.0.0.1',
    EDGE_PORT: String(igarape.port),
    CHECKPOINT_DISABLE: '1',
    TF_IN_AUTOMATION: '1',
  }
  const terraform: Command = (program, command) =>
    run(program, [...command.split(' '), '-no-color'], { cwd: folder, env })
  await terraform('terraform', `init -plugin-dir=${plugins}`)
  await use((program, command) =>
    terraform(program, command.startsWith('output') ? command : `${command} -input=false`),
  )
  rmSync(folder, { recursive: true })
}
