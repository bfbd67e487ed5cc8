/** What a stack waits for: custom resources, nested stacks, wait conditions. */
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { makeFunction } from '../lambda/samples.ts'

interface Request {
  RequestType: string
  RequestId: string
  ResponseURL: string
  PhysicalResourceId?: string
  ResourceProperties: Record<string, unknown>
  OldResourceProperties?: Record<string, unknown>
}

/** A topic whose messages a test reads from a queue, in place of a function behind it. */
async function provider(igarape: Igarape) {
  const sqs = igarape.client(SQSClient)
  const sns = igarape.client(SNSClient)
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'provedor' }))
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'pedidos' }))
  const Endpoint = 'arn:aws:sqs:us-east-1:000000000000:pedidos'
  await sns.send(
    new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, Attributes: { RawMessageDelivery: 'true' } }),
  )
  return {
    topicArn: TopicArn as string,
    async next(): Promise<Request> {
      await igarape.settled()
      const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }))
      const message = Messages?.[0]
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }))
      return JSON.parse(message?.Body ?? '')
    },
    async answer(request: Request, body: object) {
      await fetch(request.ResponseURL, { method: 'PUT', body: JSON.stringify({ Status: 'SUCCESS', ...body }) })
      await igarape.settled()
    },
  }
}

const templateWith = (topicArn: string, properties: object) =>
  JSON.stringify({
    Resources: { Coisa: { Type: 'Custom::Coisa', Properties: { ServiceToken: topicArn, ...properties } } },
    Outputs: { Cor: { Value: { 'Fn::GetAtt': ['Coisa', 'Cor'] } }, Id: { Value: { Ref: 'Coisa' } } },
  })

async function stackOf(igarape: Igarape, name = 'loja') {
  const cloudFormation = igarape.client(CloudFormationClient)
  const stack = (await cloudFormation.send(new DescribeStacksCommand({ StackName: name }))).Stacks?.[0]
  const { StackEvents } = await cloudFormation.send(new DescribeStackEventsCommand({ StackName: name }))
  return {
    status: stack?.StackStatus,
    outputs: Object.fromEntries((stack?.Outputs ?? []).map((output) => [output.OutputKey, output.OutputValue])),
    reasons: (StackEvents ?? []).map((event) => event.ResourceStatusReason ?? '').join('\n'),
  }
}

test('a custom resource is created, replaced and deleted by what its provider answers', async ({ igarape }) => {
  const cloudFormation = igarape.client(CloudFormationClient)
  const { topicArn, next, answer } = await provider(igarape)
  await cloudFormation.send(
    new CreateStackCommand({ StackName: 'loja', TemplateBody: templateWith(topicArn, { Size: 5, On: true }) }),
  )
  const creation = await next()
  expect(creation).toMatchObject({
    RequestType: 'Create',
    ResourceProperties: { ServiceToken: topicArn, Size: '5', On: 'true' },
  })
  expect((await stackOf(igarape)).status).toBe('CREATE_IN_PROGRESS')
  await answer(creation, { PhysicalResourceId: 'um', Data: { Cor: 'azul' } })
  expect(await stackOf(igarape)).toMatchObject({ status: 'CREATE_COMPLETE', outputs: { Cor: 'azul', Id: 'um' } })

  await cloudFormation.send(
    new UpdateStackCommand({ StackName: 'loja', TemplateBody: templateWith(topicArn, { Size: 6 }) }),
  )
  const update = await next()
  expect(update).toMatchObject({
    RequestType: 'Update',
    PhysicalResourceId: 'um',
    ResourceProperties: { Size: '6' },
    OldResourceProperties: { Size: '5', On: 'true' },
  })
  await answer(update, { PhysicalResourceId: 'dois', Data: { Cor: 'verde' } })
  const cleanup = await next()
  expect(cleanup).toMatchObject({ RequestType: 'Delete', PhysicalResourceId: 'um' })
  await answer(cleanup, { PhysicalResourceId: 'um' })
  expect(await stackOf(igarape)).toMatchObject({ status: 'UPDATE_COMPLETE', outputs: { Cor: 'verde', Id: 'dois' } })

  await cloudFormation.send(new DeleteStackCommand({ StackName: 'loja' }))
  const deletion = await next()
  expect(deletion).toMatchObject({ RequestType: 'Delete', PhysicalResourceId: 'dois' })
  await answer(deletion, {})
  await expect(stackOf(igarape)).rejects.toThrow('does not exist')
})

test('a custom resource that fails, or never answers, fails its stack', async ({ igarape }) => {
  const cloudFormation = igarape.client(CloudFormationClient)
  const { topicArn, next, answer } = await provider(igarape)
  await cloudFormation.send(new CreateStackCommand({ StackName: 'loja', TemplateBody: templateWith(topicArn, {}) }))
  await answer(await next(), { Status: 'FAILED', Reason: 'sem tinta', PhysicalResourceId: 'meio' })
  const deletion = await next()
  expect(deletion).toMatchObject({ RequestType: 'Delete', PhysicalResourceId: 'meio' })
  await answer(deletion, {})
  expect(await stackOf(igarape)).toMatchObject({ status: 'ROLLBACK_COMPLETE' })
  expect((await stackOf(igarape)).reasons).toContain('Message returned: sem tinta')

  await cloudFormation.send(
    new CreateStackCommand({ StackName: 'muda', TemplateBody: templateWith(topicArn, { ServiceTimeout: 60 }) }),
  )
  await next()
  await igarape.clock.advance({ seconds: 61 })
  expect((await stackOf(igarape, 'muda')).status).toBe('ROLLBACK_COMPLETE')
  expect((await stackOf(igarape, 'muda')).reasons).toContain('did not receive a response from your custom resource')
})

test('a nested stack gives its outputs to its parent and goes with it', async ({ igarape }) => {
  const cloudFormation = igarape.client(CloudFormationClient)
  const s3 = igarape.client(S3Client)
  const child = (value: string) =>
    JSON.stringify({
      Parameters: { Nome: { Type: 'String' } },
      Resources: {
        P: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: value, Name: { Ref: 'Nome' } } },
      },
      Outputs: { Valor: { Value: { 'Fn::GetAtt': ['P', 'Value'] } } },
    })
  const parent = (key: string) =>
    JSON.stringify({
      Resources: {
        Filho: {
          Type: 'AWS::CloudFormation::Stack',
          Properties: { TemplateURL: `https://modelos.s3.amazonaws.com/${key}`, Parameters: { Nome: '/filho' } },
        },
      },
      Outputs: { Valor: { Value: { 'Fn::GetAtt': ['Filho', 'Outputs.Valor'] } } },
    })
  await s3.send(new CreateBucketCommand({ Bucket: 'modelos' }))
  await s3.send(new PutObjectCommand({ Bucket: 'modelos', Key: 'um.json', Body: child('um') }))
  await s3.send(new PutObjectCommand({ Bucket: 'modelos', Key: 'dois.json', Body: child('dois') }))

  await cloudFormation.send(new CreateStackCommand({ StackName: 'loja', TemplateBody: parent('um.json') }))
  await igarape.settled()
  expect(await stackOf(igarape)).toMatchObject({ status: 'CREATE_COMPLETE', outputs: { Valor: 'um' } })
  await cloudFormation.send(new UpdateStackCommand({ StackName: 'loja', TemplateBody: parent('dois.json') }))
  await igarape.settled()
  expect(await stackOf(igarape)).toMatchObject({ status: 'UPDATE_COMPLETE', outputs: { Valor: 'dois' } })
  const { StackResources } = await cloudFormation.send(new DescribeStackResourcesCommand({ StackName: 'loja' }))
  const childArn = StackResources?.[0]?.PhysicalResourceId as string
  await cloudFormation.send(new DeleteStackCommand({ StackName: 'loja' }))
  await igarape.settled()
  expect((await stackOf(igarape, childArn)).status).toBe('DELETE_COMPLETE')
})

const answering = `
  const body = JSON.stringify({ ...event, Status: 'SUCCESS', PhysicalResourceId: 'coisa', Data: { Cor: 'azul' } })
  const { hostname, pathname, search } = new URL(event.ResponseURL)
  const options = { hostname, path: pathname + search, method: 'PUT', headers: { 'content-length': body.length } }
  await new Promise((done, failed) => request(options, (answer) => done(answer.resume())).on('error', failed).end(body))`
const answeringFunctions = {
  'by the module': `exports.handler = async (event) => { const request = require('https').request; ${answering} }`,
  'by what was taken from it before': `const { request } = require('node:https'); exports.handler = async (event) => { ${answering} }`,
  'by a name imported before': {
    'index.mjs': `import { request } from 'node:https'; export const handler = async (event) => { ${answering} }`,
  },
  'by an import': `const https = import('node:https'); exports.handler = async (event) => { const { request } = await https; ${answering} }`,
}

test.for(Object.entries(answeringFunctions))(
  'a function behind a custom resource answers as on AWS, without a port: %s',
  async ([, code], { igarape }) => {
    const arn = await makeFunction(igarape, 'provedor', code)
    const cloudFormation = igarape.client(CloudFormationClient)
    await cloudFormation.send(new CreateStackCommand({ StackName: 'loja', TemplateBody: templateWith(arn, {}) }))
    await igarape.settled()
    expect(await stackOf(igarape)).toMatchObject({ status: 'CREATE_COMPLETE', outputs: { Cor: 'azul', Id: 'coisa' } })
  },
)

test('a wait condition waits for as many signals as it was told', async ({ igarape }) => {
  const cloudFormation = igarape.client(CloudFormationClient)
  const TemplateBody = JSON.stringify({
    Resources: {
      Alca: { Type: 'AWS::CloudFormation::WaitConditionHandle' },
      Espera: {
        Type: 'AWS::CloudFormation::WaitCondition',
        Properties: { Handle: { Ref: 'Alca' }, Timeout: '600', Count: 2 },
      },
    },
    Outputs: { Dados: { Value: { 'Fn::GetAtt': ['Espera', 'Data'] } } },
  })
  await cloudFormation.send(new CreateStackCommand({ StackName: 'loja', TemplateBody }))
  await igarape.settled()
  const { StackResources } = await cloudFormation.send(new DescribeStackResourcesCommand({ StackName: 'loja' }))
  const url = StackResources?.find((one) => one.LogicalResourceId === 'Alca')?.PhysicalResourceId as string
  const signal = async (UniqueId: string) => {
    await fetch(url, { method: 'PUT', body: JSON.stringify({ Status: 'SUCCESS', UniqueId, Data: 'ok', Reason: '' }) })
    await igarape.settled()
  }

  await signal('a')
  await signal('a')
  expect((await stackOf(igarape)).status).toBe('CREATE_IN_PROGRESS')
  await signal('b')

  expect(await stackOf(igarape)).toMatchObject({ status: 'CREATE_COMPLETE', outputs: { Dados: '{"a":"ok","b":"ok"}' } })
})
