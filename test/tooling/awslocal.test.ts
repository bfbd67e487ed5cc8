/** awslocal, with the AWS command line under it: the commands that pipelines' scripts are full of. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Igarape, startIgarape } from '../../src/testkit/server.ts'
import { pythonTools, run } from './tools.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 240_000 })

const programs = pythonTools()
const folder = mkdtempSync(join(tmpdir(), 'igarape-awslocal-'))

let igarape: Igarape

describe.skipIf(programs === undefined)('awslocal (skipped where pip cannot install it)', () => {
  beforeAll(async () => {
    igarape = await startIgarape({ clock: 'system' })
  })
  afterAll(async () => {
    await igarape.stop()
    rmSync(folder, { recursive: true })
  })

  test('copies, lists, synchronizes and removes in S3', async () => {
    writeFileSync(join(folder, 'loja-123.csv'), 'venda_id,valor\n1,10.50\n')
    await aws('s3 mb s3://vendas')
    await aws('s3 cp loja-123.csv s3://vendas/raw/loja-123.csv')
    await aws('s3 sync s3://vendas/raw baixado')

    expect(await aws('s3 ls s3://vendas/raw/')).toContain('loja-123.csv')
    expect(readFileSync(join(folder, 'baixado/loja-123.csv'), 'utf8')).toContain('10.50')
    const url = (await aws('s3 presign s3://vendas/raw/loja-123.csv')).trim()
    expect(await (await fetch(url)).text()).toContain('10.50')
    await aws('s3 rb s3://vendas --force')
    expect(await aws('s3 ls')).toBe('')
  })

  test('uploads in parts what is large', async () => {
    writeFileSync(join(folder, 'grande.bin'), Buffer.alloc(20 * 2 ** 20, 'igarape'))
    await aws('s3 mb s3://grandes')
    await aws('s3 cp grande.bin s3://grandes/grande.bin')

    expect(JSON.parse(await aws('s3api head-object --bucket grandes --key grande.bin'))).toMatchObject({
      ContentLength: 20 * 2 ** 20,
      ETag: expect.stringMatching(/-3"$/),
    })
  })

  test('sends and receives', async () => {
    const { QueueUrl } = JSON.parse(await aws('sqs create-queue --queue-name vendas'))
    await aws(`sqs send-message --queue-url ${QueueUrl} --message-body oi`)

    expect(JSON.parse(await aws(`sqs receive-message --queue-url ${QueueUrl}`)).Messages[0].Body).toBe('oi')
  })

  test('makes a function, invokes it, and reads its log', async () => {
    const code = 'def handler(event, context):\n    print("validando", event["loja"])\n    return event["loja"]\n'
    writeFileSync(join(folder, 'codigo.zip'), zipSync({ 'index.py': Buffer.from(code) }))
    const made = '--function-name validacao --runtime python3.12 --handler index.handler --zip-file fileb://codigo.zip'
    await aws(`lambda create-function ${made} --role arn:aws:iam::000000000000:role/lambda`)
    await aws('lambda wait function-active-v2 --function-name validacao')
    await aws('lambda invoke --function-name validacao --payload {"loja":123} saida.json')

    expect(readFileSync(join(folder, 'saida.json'), 'utf8')).toBe('123')
    await igarape.settled()
    expect(await aws('logs filter-log-events --log-group-name /aws/lambda/validacao')).toContain('validando 123')
  })

  test('says who it is', async () => {
    expect(JSON.parse(await aws('sts get-caller-identity')).Account).toBe('000000000000')
  })
})

/** As a script has it: only the port says where the server is. */
function aws(command: string): Promise<string> {
  return run(join(programs as string, 'awslocal'), command.split(' '), {
    cwd: folder,
    env: {
      PATH: `${programs}:${process.env.PATH}`,
      HOME: folder,
      AWS_DEFAULT_REGION: 'us-east-1',
      LOCALSTACK_HOST: `127.0.0.1:${igarape.port}`,
    },
  })
}
