/**
 * The sales example, deployed by the CDK: each sale is in the lake and in the warehouse exactly once, whatever dies. Each
 * test has stores of its own, so they share one deployment.
 */
import { readFileSync } from 'node:fs'
import { GetJobCommand, GlueClient } from '@aws-sdk/client-glue'
import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda'
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { zipSync } from 'fflate'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { awsClient } from '../../src/cli/demo/awsClient.ts'
import { askRedshift, redshiftSql, spectrumSql, totalsInAthena } from '../../src/cli/demo/sales/stores.ts'
import type { Igarape } from '../../src/testkit/server.ts'
import { deployedExample, exampleFolder, mailsOf } from './deployed.ts'

const folder = exampleFolder('sales')
const rawBucket = 'vendas-raw-000000000000-us-east-1'
const processedBucket = 'vendas-processed-000000000000-us-east-1'
const header = 'venda_id,produto_id,produto,quantidade,valor,data\n'

let igarape: Igarape
let s3: S3Client
let lambda: LambdaClient

beforeAll(async () => {
  igarape = await deployedExample('sales')
  s3 = igarape.client(S3Client)
  lambda = igarape.client(LambdaClient)
}, 180_000)
afterAll(() => igarape?.stop())

test('a valid file comes out of the lake and of the warehouse, without its duplicates', async () => {
  await drop('loja-123_2025-10-20.csv', readFileSync(`${folder}/data/loja-123_2025-10-20.csv`))
  await igarape.settled()

  expect(await everywhere('loja-123_2025-10-20.csv')).toEqual(inEachStore({ sales: 12, cents: 45774 }))
})

test('a file without a required column is refused by an e-mail that names both', async () => {
  await drop('loja-789_2025-10-20.csv', readFileSync(`${folder}/data/loja-789_2025-10-20.csv`))
  await igarape.settled()

  const messages = await mailsOf(igarape)
  const about = messages.filter(({ body }) => body.includes('loja-789_2025-10-20.csv'))
  expect(about).toHaveLength(1)
  expect(about[0]?.subject).toContain('loja-789_2025-10-20.csv')
  expect(about[0]?.body).toContain("falta a coluna obrigatória 'valor'")
})

test('faults of rows are told with their lines', async () => {
  const answer = await checkOnly(
    'loja-790_2025-10-20.csv',
    `${header}1,P,Pão,1,12.50,2025-10-20\n2,P,Pão,x,1.999,20/10/2025\n`,
  )

  expect(answer.verdict).toBe('refused')
  expect(answer.problems).toEqual([
    "linha 3: quantidade não é um número inteiro: 'x'",
    "linha 3: valor não é um decimal como 1234.56 ou 1234,56: '1.999'",
    "linha 3: data não é uma data AAAA-MM-DD: '20/10/2025'",
  ])
})

test('a file in Windows-1252 with semicolons and decimal commas is read as it was meant', async () => {
  const file = 'venda_id;produto_id;produto;quantidade;valor;data\n1;P;Pão de açúcar;1;12,50;2025-10-20\n'
  await drop('loja-130_2025-10-20.csv', Buffer.from(file, 'latin1'))
  await igarape.settled()

  expect(await everywhere('loja-130_2025-10-20.csv')).toEqual(inEachStore({ sales: 1, cents: 1250 }))
})

test('the same file dropped twice, and its event delivered twice, is there once', async () => {
  const key = 'loja-140_2025-10-20.csv'
  await drop(key, sales([1, 2, 3]))
  await drop(key, sales([1, 2, 3]))
  await igarape.settled()
  await drop(key, sales([1, 2, 3]))
  await igarape.settled()

  expect(await everywhere(key)).toEqual(inEachStore({ sales: 3, cents: 3000 }))
})

test('a corrected file replaces what it brought before', async () => {
  const key = 'loja-150_2025-10-20.csv'
  await drop(key, sales([1, 2, 3]))
  await igarape.settled()
  await drop(key, sales([1, 4], '2025-10-21'))
  await igarape.settled()

  expect(await everywhere(key)).toEqual(inEachStore({ sales: 2, cents: 2000 }))
})

test('stores at once, and files of one store that repeat a sale: each sale is there once', async () => {
  await Promise.all([
    drop('loja-160_2025-10-20.csv', sales([1, 2])),
    drop('loja-160_2025-10-21.csv', sales([2, 3])),
    drop('loja-161_2025-10-20.csv', sales([1, 2])),
  ])
  await igarape.settled()

  const found = await stores()
  for (const totals of Object.values(found)) {
    const of = (key: string) => totals.get(key)?.sales ?? 0
    expect(of('loja-160_2025-10-20.csv') + of('loja-160_2025-10-21.csv')).toBe(3)
    expect(of('loja-161_2025-10-20.csv')).toBe(2)
  }
})

test('rows without a venda_id are duplicates only within their own file', async () => {
  const file = 'produto_id,valor,data\nP,1.00,2025-10-20\nP,1.00,2025-10-20\n'
  await drop('loja-170_2025-10-20.csv', Buffer.from(file))
  await drop('loja-170_2025-10-21.csv', Buffer.from(file))
  await igarape.settled()

  expect(await everywhere('loja-170_2025-10-20.csv')).toEqual(inEachStore({ sales: 1, cents: 100 }))
  expect(await everywhere('loja-170_2025-10-21.csv')).toEqual(inEachStore({ sales: 1, cents: 100 }))
})

test.each([
  ['output and Catalog', 'loja-180', 'glue', 'batch_create_partition'],
  ['output and acknowledgement', 'loja-181', 's3', 'copy_object'],
])('a job killed between %s is retried, and each sale is there once', async (_, store, service, call) => {
  const restore = await killJobOnce(service, call)
  await drop(`${store}_2025-10-20.csv`, sales([1, 2, 3]))
  await settle()
  await restore()

  expect(await everywhere(`${store}_2025-10-20.csv`)).toEqual(inEachStore({ sales: 3, cents: 3000 }))
})

test('a load killed between its commit and its acknowledgement is tried again, and each sale is there once', async () => {
  await killLoadOnce()
  await drop('loja-190_2025-10-20.csv', sales([1, 2, 3]))
  await settle()

  expect(await everywhere('loja-190_2025-10-20.csv')).toEqual(inEachStore({ sales: 3, cents: 3000 }))
})

/** What failed is tried again minutes later, in AWS time. */
async function settle(): Promise<void> {
  await igarape.settled()
  await igarape.clock.advance({ minutes: 15 })
}

function sales(ids: number[], day = '2025-10-20'): Buffer {
  return Buffer.from(header + ids.map((id) => `${id},P-1,Café,1,10.00,${day}\n`).join(''))
}

async function drop(key: string, body: Buffer): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket: rawBucket, Key: key, Body: body }))
}

async function stores() {
  const aws = awsClient(igarape.endpoint, 'us-east-1')
  return {
    athena: await totalsInAthena(aws),
    redshift: await askRedshift(aws, redshiftSql),
    spectrum: await askRedshift(aws, spectrumSql),
  }
}

/** What each store says of a file. */
async function everywhere(key: string) {
  return Object.fromEntries(Object.entries(await stores()).map(([store, totals]) => [store, totals.get(key)]))
}

function inEachStore<T>(totals: T): Record<string, T> {
  return { athena: totals, redshift: totals, spectrum: totals }
}

/** Calls the function as EventBridge would, for an object whose own event no rule takes. */
async function checkOnly(key: string, body: string): Promise<{ verdict: string; problems: string[] }> {
  const { ETag } = await s3.send(new PutObjectCommand({ Bucket: rawBucket, Key: key, Body: body }))
  const event = {
    detail: { bucket: { name: rawBucket }, object: { key, etag: ETag?.replaceAll('"', ''), sequencer: '1' } },
  }
  const { Payload } = await lambda.send(
    new InvokeCommand({ FunctionName: 'validacao_vendas', Payload: Buffer.from(JSON.stringify(event)) }),
  )
  return JSON.parse(Buffer.from(Payload ?? []).toString())
}

/** Makes the job's own script end itself, as a lost machine would, when it first makes a call. */
async function killJobOnce(service: string, call: string): Promise<() => Promise<void>> {
  const { Job } = await igarape.client(GlueClient).send(new GetJobCommand({ JobName: 'transform_vendas' }))
  const { hostname: Bucket, pathname } = new URL(Job?.Command?.ScriptLocation ?? '')
  const place = { Bucket, Key: pathname.slice(1) }
  const script = await (await s3.send(new GetObjectCommand(place))).Body?.transformToString()
  await s3.send(new PutObjectCommand({ ...place, Body: mortal(service, call) + script }))
  return async () => {
    await s3.send(new PutObjectCommand({ ...place, Body: script }))
  }
}

async function killLoadOnce(): Promise<void> {
  const FunctionName = 'carga_redshift'
  const file = (name: string) => readFileSync(`${folder}/functions/carga_redshift/${name}`)
  const ZipFile = zipSync({
    'carga.py': Buffer.concat([Buffer.from(mortal('s3', 'delete_objects')), file('carga.py')]),
    'comandos.py': file('comandos.py'),
  })
  await lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile }))
  await expect
    .poll(async () => (await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }))).LastUpdateStatus)
    .toBe('Successful')
}

/** Python that ends the process at the first such call, and remembers in S3 that it has. */
function mortal(service: string, call: string): string {
  return `
import os, signal, boto3
def mortal_client(name, *given, make=boto3.client, **named):
    client = make(name, *given, **named)
    if name == "${service}":
        calling = client.${call}
        def dying(**request):
            flags = make("s3")
            if not flags.list_objects_v2(Bucket="${processedBucket}", Prefix="died/${service}-${call}").get("Contents"):
                flags.put_object(Bucket="${processedBucket}", Key="died/${service}-${call}", Body=b"")
                os.kill(os.getpid(), signal.SIGKILL)
            return calling(**request)
        client.${call} = dying
    return client
boto3.client = mortal_client
`
}
