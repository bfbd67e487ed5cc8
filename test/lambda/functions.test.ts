/** Functions, versions, aliases, layers, permissions and logs through the SDK. */
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import {
  AddPermissionCommand,
  CreateAliasCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  GetPolicyCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
  ListTagsCommand,
  ListVersionsByFunctionCommand,
  PublishLayerVersionCommand,
  PublishVersionCommand,
  RemovePermissionCommand,
  TagResourceCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { zipSync } from 'fflate'
import { expect } from 'vitest'
import { test } from '../fixture.ts'
import { invoke, makeFunction, role, zipped } from './samples.ts'

const saying = (word: string) => `exports.handler = async () => '${word}'`

test('new code and new settings count from the next invocation', async ({ igarape }) => {
  const lambda = igarape.client(LambdaClient)
  await makeFunction(igarape, 'changing', saying('old'))
  expect((await invoke(igarape, 'changing')).value).toBe('old')

  const code = {
    FunctionName: 'changing',
    ZipFile: zipped({ 'index.js': 'exports.handler = async () => process.env.WORD' }),
  }
  await lambda.send(new UpdateFunctionCodeCommand(code))
  const changed = await lambda.send(
    new UpdateFunctionConfigurationCommand({ FunctionName: 'changing', Environment: { Variables: { WORD: 'new' } } }),
  )

  expect(changed).toMatchObject({ State: 'Active', LastUpdateStatus: 'Successful', Timeout: 3, MemorySize: 128 })
  expect((await invoke(igarape, 'changing')).value).toBe('new')
})

test('code comes from S3, and can be downloaded again', async ({ igarape }) => {
  const s3 = igarape.client(S3Client)
  await s3.send(new CreateBucketCommand({ Bucket: 'codes' }))
  const archive = zipped({ 'index.js': saying('from S3') })
  await s3.send(new PutObjectCommand({ Bucket: 'codes', Key: 'a/b.zip', Body: archive }))

  await makeFunction(igarape, 'stored', '', { Code: { S3Bucket: 'codes', S3Key: 'a/b.zip' }, Tags: { team: 'dados' } })

  expect((await invoke(igarape, 'stored')).value).toBe('from S3')
  const found = await igarape.client(LambdaClient).send(new GetFunctionCommand({ FunctionName: 'stored' }))
  expect(found.Tags).toEqual({ team: 'dados' })
  const downloaded = await fetch(found.Code?.Location as string)
  expect(Buffer.from(await downloaded.arrayBuffer()).equals(Buffer.from(archive))).toBe(true)
  await expect(
    makeFunction(igarape, 'nowhere', '', { Code: { S3Bucket: 'codes', S3Key: 'none.zip' } }),
  ).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
    message: expect.stringMatching(/^Error occurred while GetObject\. S3 Error Code: NoSuchKey\./),
  })
})

test('a version stays as it was, and aliases lead to versions, by weight if told so', async ({ igarape }) => {
  const lambda = igarape.client(LambdaClient)
  const FunctionName = 'versioned'
  await makeFunction(igarape, FunctionName, saying('one'))
  expect((await lambda.send(new PublishVersionCommand({ FunctionName }))).Version).toBe('1')
  expect((await lambda.send(new PublishVersionCommand({ FunctionName }))).Version).toBe('1')
  await lambda.send(
    new UpdateFunctionCodeCommand({ FunctionName, ZipFile: zipped({ 'index.js': saying('two') }), Publish: true }),
  )
  await lambda.send(new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '1' }))

  expect(await invoke(igarape, FunctionName, {}, { Qualifier: 'live' })).toMatchObject({
    value: 'one',
    ExecutedVersion: '1',
  })
  expect((await invoke(igarape, `${FunctionName}:2`)).value).toBe('two')
  const RoutingConfig = { AdditionalVersionWeights: { 2: 1 } }
  await lambda.send(new UpdateAliasCommand({ FunctionName, Name: 'live', RoutingConfig }))
  expect((await invoke(igarape, FunctionName, {}, { Qualifier: 'live' })).value).toBe('two')
  const { Versions } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName }))
  expect(Versions?.map((version) => version.Version)).toEqual(['$LATEST', '1', '2'])
  await expect(lambda.send(new DeleteFunctionCommand({ FunctionName, Qualifier: '1' }))).rejects.toMatchObject({
    name: 'ResourceConflictException',
  })
})

test('a layer lies at /opt, and its modules are found', async ({ igarape, skip }) => {
  const lambda = igarape.client(LambdaClient)
  const Content = {
    ZipFile: zipped({
      'nodejs/node_modules/greeting/index.js': "module.exports = 'olá'",
      'python/greeting.py': "word = 'olá'",
      'data.txt': 'from a layer',
    }),
  }
  const layer = await lambda.send(new PublishLayerVersionCommand({ LayerName: 'greetings', Content }))
  const Layers = [layer.LayerVersionArn as string]
  const node =
    "const fs = require('fs'); exports.handler = async () => [require('greeting'), fs.readFileSync('/opt/data.txt', 'utf8')]"
  try {
    await makeFunction(igarape, 'layered', node, { Layers })
  } catch (error) {
    if (/does not allow|this machine's interpreter/.test(String(error))) skip()
    throw error
  }
  await makeFunction(igarape, 'snake', 'from greeting import word\ndef handler(e, c):\n  return word', {
    Layers,
    Runtime: 'python3.12',
  })

  expect((await invoke(igarape, 'layered')).value).toEqual(['olá', 'from a layer'])
  expect((await invoke(igarape, 'snake')).value).toBe('olá')
  await expect(
    makeFunction(igarape, 'other', node, { Layers: ['arn:aws:lambda:us-east-1:000000000000:layer:none:1'] }),
  ).rejects.toMatchObject({ name: 'InvalidParameterValueException' })
})

test.for([
  ['that is not compiled comes before what the machine has', 'notes.txt', 'the layer’s'],
  ['compiled for another Python comes after it', '_speedups.cpython-39-x86_64-linux-gnu.so', 'its own'],
] as const)('a layer %s', async ([_, file, expected], { igarape }) => {
  const Content = {
    ZipFile: zipped({
      'python/colorsys.py': "origin = 'the layer’s'",
      'python/pacote/__init__.py': "word = 'still found'",
      [`python/pacote/${file}`]: '',
    }),
  }
  const { LayerVersionArn = '' } = await igarape
    .client(LambdaClient)
    .send(new PublishLayerVersionCommand({ LayerName: 'compiled', Content }))
  const code = `import colorsys
from pacote import word
def handler(event, context):
  return [getattr(colorsys, "origin", "its own"), word]`
  await makeFunction(igarape, 'compiled', code, { Layers: [LayerVersionArn], Runtime: 'python3.12' })

  expect((await invoke(igarape, 'compiled')).value).toEqual([expected, 'still found'])
})

test('what a function prints is in its log group', async ({ igarape }) => {
  await makeFunction(igarape, 'printing', "exports.handler = async () => { console.log('line 1\\nline 2'); return 1 }")

  await invoke(igarape, 'printing')
  await igarape.settled()

  const { events = [] } = await igarape
    .client(CloudWatchLogsClient)
    .send(new FilterLogEventsCommand({ logGroupName: '/aws/lambda/printing' }))
  expect(events.map((event) => event.message?.split(/[ \t]/)[0])).toEqual([
    ...['INIT_START', 'START', expect.stringMatching(/^\d{4}-/), 'END', 'REPORT'],
  ])
  expect(events[2]?.message).toMatch(/\tINFO\tline 1\nline 2$/)
  expect(events[0]?.logStreamName).toMatch(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/)
})

test('permissions are statements of a policy', async ({ igarape }) => {
  const lambda = igarape.client(LambdaClient)
  const FunctionName = 'permitted'
  const arn = await makeFunction(igarape, FunctionName, saying('yes'))
  const permission = {
    FunctionName,
    StatementId: 'bucket',
    Action: 'lambda:InvokeFunction',
    Principal: 's3.amazonaws.com',
    SourceArn: 'arn:aws:s3:::raw',
  }

  await lambda.send(new AddPermissionCommand(permission))

  await expect(lambda.send(new AddPermissionCommand(permission))).rejects.toMatchObject({
    name: 'ResourceConflictException',
  })
  const { Policy } = await lambda.send(new GetPolicyCommand({ FunctionName }))
  expect(JSON.parse(Policy as string)).toEqual({
    Version: '2012-10-17',
    Id: 'default',
    Statement: [
      {
        Sid: 'bucket',
        Effect: 'Allow',
        Principal: { Service: 's3.amazonaws.com' },
        Action: 'lambda:InvokeFunction',
        Resource: arn,
        Condition: { ArnLike: { 'AWS:SourceArn': 'arn:aws:s3:::raw' } },
      },
    ],
  })
  await lambda.send(new RemovePermissionCommand({ FunctionName, StatementId: 'bucket' }))
  await expect(lambda.send(new GetPolicyCommand({ FunctionName }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
})

test('functions are listed, tagged and deleted', async ({ igarape }) => {
  const lambda = igarape.client(LambdaClient)
  const Resource = await makeFunction(igarape, 'a', saying('a'))
  await makeFunction(igarape, 'b', saying('b'))

  await lambda.send(new TagResourceCommand({ Resource, Tags: { cost: 'centre' } }))
  expect((await lambda.send(new ListTagsCommand({ Resource }))).Tags).toEqual({ cost: 'centre' })
  const first = await lambda.send(new ListFunctionsCommand({ MaxItems: 1 }))
  const second = await lambda.send(new ListFunctionsCommand({ Marker: first.NextMarker }))
  expect([first, second].flatMap((page) => page.Functions?.map((one) => one.FunctionName))).toEqual(['a', 'b'])
  await expect(makeFunction(igarape, 'a', saying('again'))).rejects.toMatchObject({
    name: 'ResourceConflictException',
    message: 'Function already exist: a',
  })
  await lambda.send(new DeleteFunctionCommand({ FunctionName: 'a' }))
  await expect(lambda.send(new InvokeCommand({ FunctionName: 'a' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
})

test('an archive that would write outside of its folder is refused', async ({ igarape }) => {
  const evil = zipSync({ '../../evil.js': Buffer.from('x') })

  await expect(makeFunction(igarape, 'slip', '', { Code: { ZipFile: evil }, Role: role })).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
    message: expect.stringMatching(
      /^Could not unzip uploaded file\. Please check your file, then try to upload again\./,
    ),
  })
})
