/**
 * The real CDK command line through an app's whole life: the tests run in order and share one server. What CDK does by
 * custom resources (notifications, emptying buckets, log retention, deployments of files) is in the app.
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  CloudFormationClient,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  ListStacksCommand,
} from '@aws-sdk/client-cloudformation'
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import {
  CreateBucketCommand,
  GetBucketNotificationConfigurationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Igarape, startIgarape } from '../../src/testkit/server.ts'
import { CdkProject } from './cdkTool.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const bucket = 'vendas-cdk'

let igarape: Igarape
let project: CdkProject
let cloudFormation: CloudFormationClient
let s3: S3Client

beforeAll(async () => {
  igarape = await startIgarape({ clock: 'system' })
  project = new CdkProject(igarape.endpoint)
  cloudFormation = igarape.client(CloudFormationClient)
  s3 = igarape.client(S3Client)
  await s3.send(new CreateBucketCommand({ Bucket: 'antigo-cdk' }))
})
afterAll(async () => {
  await igarape?.stop()
  project?.remove()
})

test('bootstrapping twice changes nothing the second time', async () => {
  const first = await project.cdk(['bootstrap', 'aws://000000000000/us-east-1'])
  const second = await project.cdk(['bootstrap', 'aws://000000000000/us-east-1'])

  expect(first.printed).toContain('bootstrapped.')
  expect(second.printed).toContain('bootstrapped (no changes).')
})

test('a failed first deployment leaves a stack that was rolled back, and nothing of it', async () => {
  const { code, printed } = await project.cdk(['deploy', 'Base', ...quietly], { BROKEN: 'resource' })

  expect(code).not.toBe(0)
  expect(printed).toMatch(/Quebrada[\s\S]*DelaySeconds/)
  expect(await statusOf('Base')).toBe('ROLLBACK_COMPLETE')
  await expect(s3.send(new HeadBucketCommand({ Bucket: bucket }))).rejects.toMatchObject({ name: 'NotFound' })
})

test('two stacks are deployed over what failed before, the second with what the first exports', async () => {
  const { code, printed } = await project.cdk([
    'deploy',
    'Base',
    'Reader',
    '--outputs-file',
    'outputs.json',
    ...quietly,
  ])

  expect(code, printed).toBe(0)
  const outputs = JSON.parse(readFileSync(join(project.folder, 'outputs.json'), 'utf8'))
  expect(outputs.Base.Bucket).toBe(bucket)
  expect(await parameter('/vendas/arn')).toBe(`arn:aws:s3:::${bucket}`)
  expect(await invoked()).toEqual({ versao: 1 })
})

test('files are in the bucket as the deployment says, with values known only while deploying', async () => {
  expect(await keys('site/')).toEqual(['site/ajustes.json', 'site/index.html', 'site/produtos.csv'])
  expect(JSON.parse(await text('site/ajustes.json'))).toEqual({ bucket: `arn:aws:s3:::${bucket}` })
})

test('the log group of a function keeps what it was told to keep', async () => {
  const { logGroups } = await igarape
    .client(CloudWatchLogsClient)
    .send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/aws/lambda/validacao' }))

  expect(logGroups?.map(({ retentionInDays }) => retentionInDays)).toEqual([7])
})

test('a bucket of the stack and one from before both announce their objects', async () => {
  const own = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket: bucket }))
  expect(own.LambdaFunctionConfigurations).toHaveLength(1)
  expect(own.TopicConfigurations).toHaveLength(1)
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'fila/loja-123.csv', Body: 'a' }))
  await s3.send(new PutObjectCommand({ Bucket: 'antigo-cdk', Key: 'loja-456.csv', Body: 'a' }))

  await expect.poll(arrivedKeys, { timeout: 10_000 }).toEqual(new Set(['fila/loja-123.csv', 'loja-456.csv']))
})

test('after a deployment there is no difference; a change is told by resource and property', async () => {
  const same = await project.cdk(['diff', 'Base'])
  const changed = await project.cdk(['diff', 'Base', '--fail'], { PARAMETER_VALUE: 'dois' })

  expect(same.printed).toContain('There were no differences')
  expect(changed.code).toBe(1)
  expect(changed.printed).toMatch(/AWS::SSM::Parameter[\s\S]*\[-\] um[\s\S]*\[\+\] dois/)
})

test('a failed update is rolled back to the values before', async () => {
  const { code } = await project.cdk(['deploy', 'Base', ...quietly], { BROKEN: 'resource', PARAMETER_VALUE: 'dois' })

  expect(code).not.toBe(0)
  expect(await statusOf('Base')).toBe('UPDATE_ROLLBACK_COMPLETE')
  expect(await parameter('/vendas/ajuste')).toBe('um')
})

test('a resource type that is not here fails the deployment, naming itself', async () => {
  const { code, printed } = await project.cdk(['deploy', 'Base', ...quietly], { BROKEN: 'type' })

  expect(code).not.toBe(0)
  expect(printed).toContain('AWS::Nowhere::Thing')
})

test('hotswapping changes the code of a function without an update of its stack', async () => {
  const before = await eventsOf('Base')
  project.write('function/index.mjs', 'export const handler = async () => ({ versao: 2 })\n')
  const { code, printed } = await project.cdk(['deploy', 'Base', '--hotswap', ...quietly])

  expect(code, printed).toBe(0)
  expect(printed).toContain('hotswapped')
  expect(await invoked()).toEqual({ versao: 2 })
  expect(await eventsOf('Base')).toBe(before)
})

test('watching deploys a file when it is saved', async () => {
  const child = project.start(['watch', 'Base'])
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (part: string) => {
      printed += part
    })
  }
  await expect.poll(() => printed, { timeout: 60_000 }).toContain("Triggering initial 'cdk deploy'")
  await expect.poll(() => printed, { timeout: 60_000 }).toMatch(/Deployment time|no changes|Total time/)
  project.write('function/index.mjs', 'export const handler = async () => ({ versao: 3 })\n')
  await expect.poll(invoked, { timeout: 60_000, interval: 500 }).toEqual({ versao: 3 })
  child.kill('SIGTERM')
  await once(child, 'close')
}, 180_000)

test('files that left the source leave the bucket, and new ones come', async () => {
  project.write('site/lojas.csv', 'loja\n')
  project.remove('site/produtos.csv')
  const { code, printed } = await project.cdk(['deploy', 'Base', ...quietly], { PARAMETER_VALUE: 'tres' })

  expect(code, printed).toBe(0)
  expect(await keys('site/')).toEqual(['site/ajustes.json', 'site/index.html', 'site/lojas.csv'])
  expect(await parameter('/vendas/ajuste')).toBe('tres')
})

test('custom resources answer by SDK calls, by the provider framework and by SNS', async () => {
  const { code, printed } = await project.cdk(['deploy', 'Custom', '--outputs-file', 'custom.json', ...quietly])

  expect(code, printed).toBe(0)
  const outputs = JSON.parse(readFileSync(join(project.folder, 'custom.json'), 'utf8'))
  expect(outputs.Custom).toMatchObject({ Version: '1', Store: 'CENTRO', Via: 'SNS' })
  expect(await parameter('/vendas/chamada')).toBe('feita')
})

test('a provider that needs Step Functions to wait is refused by the name of the type', async () => {
  const { code, printed } = await project.cdk(['deploy', 'Custom', ...quietly], { WAITING: '1' })

  expect(code).not.toBe(0)
  expect(printed).toContain('AWS::StepFunctions::StateMachine')
})

test('destroying removes the stacks, their buckets with all objects, and what custom resources made', async () => {
  const { code, printed } = await project.cdk(['destroy', '--all', '--force'])

  expect(code, printed).toBe(0)
  await expect(s3.send(new HeadBucketCommand({ Bucket: bucket }))).rejects.toMatchObject({ name: 'NotFound' })
  await expect(parameter('/vendas/chamada')).rejects.toMatchObject({ name: 'ParameterNotFound' })
  const { StackSummaries = [] } = await cloudFormation.send(new ListStacksCommand({}))
  expect(StackSummaries.filter(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE').map((s) => s.StackName)).toEqual(
    ['CDKToolkit'],
  )
  const old = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket: 'antigo-cdk' }))
  expect(old.QueueConfigurations ?? []).toEqual([])
})

const quietly = ['--require-approval', 'never', '--progress', 'events']

async function statusOf(name: string): Promise<string | undefined> {
  const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: name }))
  return Stacks?.[0]?.StackStatus
}

async function eventsOf(name: string): Promise<number> {
  const { StackEvents = [] } = await cloudFormation.send(new DescribeStackEventsCommand({ StackName: name }))
  return StackEvents.length
}

async function parameter(name: string): Promise<string | undefined> {
  const { Parameter } = await igarape.client(SSMClient).send(new GetParameterCommand({ Name: name }))
  return Parameter?.Value
}

async function invoked(): Promise<unknown> {
  const { Payload } = await igarape.client(LambdaClient).send(new InvokeCommand({ FunctionName: 'validacao' }))
  return JSON.parse(Payload?.transformToString() ?? 'null')
}

async function keys(prefix: string): Promise<(string | undefined)[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }))
  return Contents.map(({ Key }) => Key)
}

async function text(key: string): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
  return Body?.transformToString() ?? ''
}

const arrived = new Set<string>()

async function arrivedKeys(): Promise<Set<string>> {
  const QueueUrl = `${igarape.endpoint}/000000000000/chegadas`
  const { Messages = [] } = await igarape.client(SQSClient).send(new ReceiveMessageCommand({ QueueUrl }))
  for (const { Body = '{}' } of Messages) {
    for (const { s3: about } of JSON.parse(Body).Records ?? []) arrived.add(about.object.key)
  }
  return arrived
}
