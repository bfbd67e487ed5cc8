/** AWS::Lambda::* by CloudFormation. */
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation'
import {
  GetPolicyCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  ListFunctionsCommand,
} from '@aws-sdk/client-lambda'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { invoke, role } from './samples.ts'

const template = (word: string) => ({
  Resources: {
    Queue: { Type: 'AWS::SQS::Queue' },
    Function: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Runtime: 'python3.12',
        Handler: 'index.handler',
        Role: role,
        Code: { ZipFile: `def handler(event, context):\n    return '${word}'\n` },
        Tags: [{ Key: 'team', Value: 'dados' }],
      },
    },
    Version: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Function' } } },
    Alias: {
      Type: 'AWS::Lambda::Alias',
      Properties: {
        Name: 'live',
        FunctionName: { Ref: 'Function' },
        FunctionVersion: { 'Fn::GetAtt': ['Version', 'Version'] },
      },
    },
    Permission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        FunctionName: { 'Fn::GetAtt': ['Function', 'Arn'] },
        Action: 'lambda:InvokeFunction',
        Principal: 'events.amazonaws.com',
      },
    },
    Retries: {
      Type: 'AWS::Lambda::EventInvokeConfig',
      Properties: { FunctionName: { Ref: 'Function' }, Qualifier: '$LATEST', MaximumRetryAttempts: 0 },
    },
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        FunctionName: { Ref: 'Function' },
        EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
        BatchSize: 5,
      },
    },
  },
  Outputs: { Name: { Value: { Ref: 'Function' } }, Live: { Value: { Ref: 'Alias' } } },
})

async function outputs(igarape: Igarape): Promise<Record<string, string>> {
  const cloudformation = igarape.client(CloudFormationClient)
  await igarape.settled()
  const { Stacks = [] } = await cloudformation.send(new DescribeStacksCommand({ StackName: 'functions' }))
  const { StackEvents = [] } = await cloudformation.send(new DescribeStackEventsCommand({ StackName: 'functions' }))
  const failures = StackEvents.flatMap((event) =>
    event.ResourceStatus?.endsWith('FAILED') ? [event.ResourceStatusReason] : [],
  )
  expect(failures).toEqual([])
  return Object.fromEntries((Stacks[0]?.Outputs ?? []).map((output) => [output.OutputKey, output.OutputValue]))
}

test('a stack makes, changes and deletes functions and what belongs to them', async ({ igarape }) => {
  const cloudformation = igarape.client(CloudFormationClient)
  const lambda = igarape.client(LambdaClient)
  const stack = (word: string) => ({ StackName: 'functions', TemplateBody: JSON.stringify(template(word)) })

  await cloudformation.send(new CreateStackCommand(stack('one')))
  const { Name = '', Live = '' } = await outputs(igarape)
  expect((await invoke(igarape, Live)).value).toBe('one')
  expect((await lambda.send(new GetPolicyCommand({ FunctionName: Name }))).Policy).toContain('events.amazonaws.com')
  const { EventSourceMappings } = await lambda.send(new ListEventSourceMappingsCommand({ FunctionName: Name }))
  expect(EventSourceMappings).toMatchObject([{ BatchSize: 5, State: 'Enabled' }])

  await cloudformation.send(new UpdateStackCommand(stack('two')))
  await outputs(igarape)
  expect((await invoke(igarape, Name)).value).toBe('two')

  await cloudformation.send(new DeleteStackCommand({ StackName: 'functions' }))
  await igarape.settled()
  expect((await lambda.send(new ListFunctionsCommand({}))).Functions).toEqual([])
})
