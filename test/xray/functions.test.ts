/** Functions in X-Ray: what Lambda itself tells, what a function's own SDK adds, and how it hangs in our own traces. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import {
  CreateBucketCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { GetServiceGraphCommand, GetTraceSummariesCommand, XRayClient } from '@aws-sdk/client-xray'
import { zipSync } from 'fflate'
import { describe, expect, vi } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { invoke, makeFunction } from '../lambda/samples.ts'
import { pythonModules } from '../tooling/tools.ts'
import { type Part, traces, withHeader } from './traced.ts'

vi.setConfig({ testTimeout: 120_000 })

const active = { TracingConfig: { Mode: 'Active' as const }, MemorySize: 512, Timeout: 30 }

test('an active function has a segment of the service and one of its own', async ({ igarape }) => {
  const arn = await makeFunction(igarape, 'ativa', 'exports.handler = async () => process.env._X_AMZN_TRACE_ID', active)
  await makeFunction(igarape, 'calada', 'exports.handler = async () => process.env._X_AMZN_TRACE_ID', {
    MemorySize: 512,
  })
  const { value } = await invoke(igarape, 'ativa')
  const quiet = await invoke(igarape, 'calada')

  const [trace, ...others] = await traces(igarape)
  expect(others).toEqual([])
  expect(value).toMatch(new RegExp(`^Root=${trace?.id};Parent=[0-9a-f]{16};Sampled=1$`))
  expect(quiet.value).toMatch(/;Sampled=0$/)
  const [service, own] = trace?.segments ?? []
  expect(service).toMatchObject({
    name: 'ativa',
    origin: 'AWS::Lambda',
    resource_arn: arn,
    http: { response: { status: 200 } },
  })
  expect(own).toMatchObject({ name: 'ativa', origin: 'AWS::Lambda::Function', parent_id: service?.id })
  expect(own?.subsegments?.map(({ name }) => name)).toEqual(['Initialization', 'Invocation', 'Overhead'])
  expect(value).toContain(`Parent=${own?.subsegments?.[1]?.id};`)
})

test('an error of the function is a fault with its cause', async ({ igarape }) => {
  await makeFunction(igarape, 'falha', "exports.handler = async () => { throw new TypeError('sem valor') }", active)
  await invoke(igarape, 'falha')

  const [trace] = await traces(igarape)
  const own = trace?.segments.find(({ origin }) => origin === 'AWS::Lambda::Function')
  expect(own?.fault).toBe(true)
  expect(own?.cause?.exceptions).toMatchObject([{ type: 'TypeError', message: expect.stringContaining('sem valor') }])
})

test("a caller's decision holds, whatever the mode, and its segment is the parent", async ({ igarape }) => {
  const begun = Math.floor(igarape.clock.now().getTime() / 1000).toString(16)
  const code = 'exports.handler = async () => process.env._X_AMZN_TRACE_ID'
  await makeFunction(igarape, 'ativa', code, active)
  await makeFunction(igarape, 'calada', code, { MemorySize: 512 })
  const traced = (name: string, rest: string, sampled: number) => {
    const headers = {
      'X-Amzn-Trace-Id': `Root=1-${begun}-${rest.repeat(24)};Parent=00000000000000aa;Sampled=${sampled}`,
    }
    return fetch(`${igarape.endpoint}/2015-03-31/functions/${name}/invocations`, {
      method: 'POST',
      headers,
      body: '{}',
    })
  }
  const texts = await Promise.all([(await traced('calada', 'a', 1)).text(), (await traced('ativa', 'b', 0)).text()])

  expect(texts[0]).toContain(`Root=1-${begun}-${'a'.repeat(24)};`)
  expect(texts[0]).toContain(';Sampled=1')
  expect(texts[1]).toContain(';Sampled=0')
  const found = await traces(igarape)
  expect(found.map(({ id }) => id)).toEqual([`1-${begun}-${'a'.repeat(24)}`])
  expect(found[0]?.segments[0]).toMatchObject({ origin: 'AWS::Lambda', parent_id: '00000000000000aa' })
})

test("a traced caller's trace goes through a bucket to the function, and into a queue's message", async ({
  igarape,
}) => {
  const arn = await makeFunction(igarape, 'le', 'exports.handler = async () => null', { MemorySize: 512 })
  const s3 = igarape.client(S3Client)
  await s3.send(new CreateBucketCommand({ Bucket: 'raw' }))
  const toFunction = { LambdaFunctionArn: arn, Events: ['s3:ObjectCreated:*' as const] }
  await s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: 'raw',
      NotificationConfiguration: { LambdaFunctionConfigurations: [toFunction] },
      SkipDestinationValidation: true,
    }),
  )
  const sqs = igarape.client(SQSClient)
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'fila' }))
  const begun = Math.floor(igarape.clock.now().getTime() / 1000).toString(16)
  const header = `Root=1-${begun}-${'c'.repeat(24)};Parent=00000000000000cc;Sampled=1`
  await s3.send(withHeader(new PutObjectCommand({ Bucket: 'raw', Key: 'a.csv', Body: 'x' }), header))
  await sqs.send(withHeader(new SendMessageCommand({ QueueUrl, MessageBody: 'oi' }), header))

  const found = await traces(igarape)
  expect(found.map(({ segments }) => segments.map(({ origin, parent_id }) => [origin, parent_id]))).toEqual([
    [
      ['AWS::Lambda', '00000000000000cc'],
      ['AWS::Lambda::Function', expect.stringMatching(/^[0-9a-f]{16}$/)],
    ],
  ])
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MessageSystemAttributeNames: ['All'] }))
  expect(Messages?.[0]?.Attributes?.AWSTraceHeader).toBe(header)
})

const packages = ['aws-xray-sdk==2.15.0', 'wrapt==1.17.3', 'aws-lambda-powertools==3.37.0', 'typing-extensions==4.16.0']
const modules = pythonModules(packages)

const code = `
import boto3
from aws_xray_sdk.core import xray_recorder, patch_all
from aws_lambda_powertools import Tracer

patch_all()
tracer = Tracer(service="vendas")
table = boto3.resource("dynamodb").Table("produtos")

@tracer.capture_method
def precifica(produto):
    tracer.put_annotation("produto", produto)
    return table.get_item(Key={"id": produto}).get("Item")

@tracer.capture_lambda_handler
def handler(event, context):
    with xray_recorder.in_subsegment("valida") as subsegment:
        subsegment.put_annotation("loja", event["loja"])
        subsegment.put_metadata("linhas", 3)
    precifica("p1")
    if event.get("falha"):
        raise ValueError("sem valor")
    return "ok"
`

describe.skipIf(modules === undefined)("X-Ray's SDK and Powertools (skipped where pip cannot install them)", () => {
  const package_ = () => {
    const files: Record<string, Uint8Array> = { 'index.py': Buffer.from(code) }
    for (const entry of readdirSync(modules as string, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name)
      if (entry.isFile() && !path.includes('.dist-info'))
        files[path.slice((modules as string).length + 1)] = readFileSync(path)
    }
    return zipSync(files, { level: 1 })
  }

  async function prepared(igarape: Igarape) {
    await igarape.client(DynamoDBClient).send(
      new CreateTableCommand({
        TableName: 'produtos',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      }),
    )
    await makeFunction(igarape, 'vendas', '', { Runtime: 'python3.11', Code: { ZipFile: package_() }, ...active })
  }

  test('the subsegments of a Python function, of boto3 too, lie in its invocation', async ({ igarape }) => {
    await prepared(igarape)
    const { value } = await invoke(igarape, 'vendas', { loja: 'loja-123' })

    expect(value).toBe('ok')
    const [trace] = await traces(igarape)
    const own = trace?.segments.find(({ origin }) => origin === 'AWS::Lambda::Function')
    const invocation = own?.subsegments?.find(({ name }) => name === 'Invocation')
    const names = (part?: Part): unknown => [part?.name, ...(part?.subsegments ?? []).map(names)]
    expect(names(invocation)).toEqual(['Invocation', ['## handler', ['valida'], ['## index.precifica', ['dynamodb']]]])
    const handler = invocation?.subsegments?.[0]
    expect(handler?.annotations).toMatchObject({ ColdStart: true, Service: 'vendas' })
    expect(handler?.subsegments?.[0]?.annotations).toEqual({ loja: 'loja-123' })
    const call = handler?.subsegments?.[1]?.subsegments?.[0]
    expect(call).toMatchObject({ namespace: 'aws', aws: { operation: 'GetItem', table_name: 'produtos' } })
    expect(trace?.segments.at(-1)).toMatchObject({ name: 'produtos', origin: 'AWS::DynamoDB::Table', inferred: true })
    await expectGraph(igarape)
    await expectFound(igarape, 'annotation.loja = "loja-123" AND edge("vendas", "produtos")')
    await expectOwnTrace(igarape, trace?.id as string)
  })

  test('an error is seen with its exception', async ({ igarape }) => {
    await prepared(igarape)
    await invoke(igarape, 'vendas', { loja: 'loja-1', falha: true })

    const [trace] = await traces(igarape)
    const own = trace?.segments.find(({ origin }) => origin === 'AWS::Lambda::Function')
    const handler = own?.subsegments?.find(({ name }) => name === 'Invocation')?.subsegments?.[0]
    expect(handler?.fault).toBe(true)
    expect(handler?.cause?.exceptions).toMatchObject([{ type: 'ValueError', message: 'sem valor' }])
    await expectFound(igarape, 'fault AND message = "sem valor"')
  })
})

async function expectFound(igarape: Igarape, FilterExpression: string) {
  const now = igarape.clock.now().getTime()
  const range = { StartTime: new Date(now - 60_000), EndTime: new Date(now + 60_000), FilterExpression }
  const { TraceSummaries } = await igarape.client(XRayClient).send(new GetTraceSummariesCommand(range))
  expect(TraceSummaries).toHaveLength(1)
}

async function expectGraph(igarape: Igarape) {
  const now = igarape.clock.now().getTime()
  const range = { StartTime: new Date(now - 60_000), EndTime: new Date(now + 60_000) }
  const { Services = [] } = await igarape.client(XRayClient).send(new GetServiceGraphCommand(range))
  const byReference = new Map(Services.map((one) => [one.ReferenceId, `${one.Type} ${one.Name}`]))
  const edges = Services.flatMap(({ Type, Name, Edges = [] }) =>
    Edges.map(({ ReferenceId }) => `${Type} ${Name} → ${byReference.get(ReferenceId)}`),
  )
  expect(edges.sort()).toEqual([
    'AWS::Lambda vendas → AWS::Lambda::Function vendas',
    'AWS::Lambda::Function vendas → AWS::DynamoDB::Table produtos',
    'client vendas → AWS::Lambda vendas',
  ])
}

/** Igarapé's own trace has the SDK's subsegments below the invocation. */
async function expectOwnTrace(igarape: Igarape, traceId: string) {
  interface Node {
    service: string
    resource: string
    children: Node[]
  }
  const answer = await fetch(`${igarape.endpoint}/_igarape/traces/${traceId}`)
  const { roots } = (await answer.json()) as { roots: Node[] }
  const names = ({ service, resource, children }: Node): unknown => [`${service} ${resource}`, ...children.map(names)]
  expect(roots.map(names)).toEqual([
    ['lambda vendas', ['xray ## handler', ['xray valida'], ['xray ## index.precifica', ['xray dynamodb']]]],
  ])
}
