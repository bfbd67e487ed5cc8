/** Bad input is refused in AWS's words, each family of services with its own code. */
import { describe, expect, test } from 'vitest'
import { decode } from '../../src/wire/decode.ts'
import { encodeError } from '../../src/wire/encode.ts'
import type { AwsError } from '../../src/wire/errors.ts'
import { identify } from '../../src/wire/identify.ts'
import type { ServiceName } from '../../src/wire/model.ts'
import type { WireRequest } from '../../src/wire/request.ts'

const targets: Partial<Record<ServiceName, string>> = {
  dynamodb: 'DynamoDB_20120810',
  eventbridge: 'AWSEvents',
  'cloudwatch-logs': 'Logs_20140328',
  sqs: 'AmazonSQS',
  athena: 'AmazonAthena',
  kms: 'TrentService',
}

function json(service: ServiceName, operation: string, body: string): WireRequest {
  const headers = { 'x-amz-target': `${targets[service]}.${operation}`, 'content-type': 'application/x-amz-json-1.1' }
  return { method: 'POST', url: '/', headers, body: Buffer.from(body) }
}

function form(version: string, body: string): WireRequest {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  return { method: 'POST', url: '/', headers, body: Buffer.from(`${body}&Version=${version}`) }
}

async function refusal(request: WireRequest): Promise<AwsError> {
  const { service, protocol } = identify(request, request.body as Uint8Array)!
  return decode(service, protocol, request).then(
    () => {
      throw new Error('The request was not refused.')
    },
    (error) => error as AwsError,
  )
}

const oneError = '1 validation error detected: '

describe('a bad input is refused in the words of its service', () => {
  test.each([
    [
      'a missing member',
      json('dynamodb', 'DescribeTable', '{}'),
      'ValidationException',
      `${oneError}Value null at 'tableName' failed to satisfy constraint: Member must not be null`,
    ],
    [
      'too few entries',
      json('eventbridge', 'PutEvents', '{"Entries":[]}'),
      'ValidationException',
      `${oneError}Value '[]' at 'entries' failed to satisfy constraint: Member must have length greater than or equal to 1`,
    ],
    [
      'a bad name of a log group',
      json('cloudwatch-logs', 'CreateLogGroup', '{"logGroupName":"a b"}'),
      'InvalidParameterException',
      `${oneError}Value 'a b' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+`,
    ],
    [
      'several at once',
      json('eventbridge', 'PutRule', '{"Name":"","State":"MAYBE"}'),
      'ValidationException',
      /^3 validation errors detected: Value '' at 'name' failed .* 1; Value '' at 'name' failed .*; Value 'MAYBE' at 'state' failed to satisfy constraint: Member must satisfy enum value set: \[ENABLED, DISABLED, ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS\]$/,
    ],
    [
      'a member of a list',
      json('eventbridge', 'PutTargets', '{"Rule":"r","Targets":[{"Id":"1","Arn":"a"},{"Id":"2"}]}'),
      'ValidationException',
      `${oneError}Value null at 'targets.2.member.arn' failed to satisfy constraint: Member must not be null`,
    ],
    [
      'a missing queue',
      json('sqs', 'SendMessage', '{"MessageBody":"x"}'),
      'MissingParameter',
      'The request must contain the parameter QueueUrl.',
    ],
    [
      'a number for a text',
      json('kms', 'DescribeKey', '{"KeyId":1}'),
      'SerializationException',
      'NUMBER_VALUE can not be converted to a String',
    ],
    [
      'a text for a number',
      json('sqs', 'ReceiveMessage', '{"QueueUrl":"u","WaitTimeSeconds":"x"}'),
      'SerializationException',
      'STRING_VALUE can not be converted to an Integer',
    ],
    [
      'a list for a structure',
      json('kms', 'DescribeKey', '[]'),
      'SerializationException',
      'Start of list found where not expected',
    ],
    ['broken JSON', json('kms', 'DescribeKey', '{'), 'SerializationException', 'The request body is not valid JSON.'],
    [
      'an unknown operation',
      json('kms', 'Dance', '{}'),
      'UnknownOperationException',
      'The operation Dance is unknown.',
    ],
    [
      'an unknown action',
      form('2010-03-31', 'Action=Dance'),
      'InvalidAction',
      'Could not find operation Dance for version 2010-03-31',
    ],
    ['no action', form('2010-03-31', 'X=1'), 'MissingAction', 'The request must contain the parameter Action.'],
    [
      'a missing role name',
      form('2010-05-08', 'Action=GetRole'),
      'ValidationError',
      `${oneError}Value null at 'roleName' failed to satisfy constraint: Member must not be null`,
    ],
    [
      'a missing topic',
      form('2010-03-31', 'Action=Subscribe&Protocol=sqs'),
      'InvalidParameter',
      'Invalid parameter: TopicArn Reason: no value for required parameter',
    ],
    [
      'an XML document that is none',
      { method: 'PUT', url: '/b?versioning', headers: {}, body: Buffer.from('<a') },
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
    ],
    [
      'an XML document of another kind',
      { method: 'PUT', url: '/b?versioning', headers: {}, body: Buffer.from('<Tagging/>') },
      'MalformedXML',
      /^The XML you provided/,
    ],
    [
      'a document type',
      { method: 'PUT', url: '/b?tagging', headers: {}, body: Buffer.from('<!DOCTYPE a [<!ENTITY b "c">]><Tagging/>') },
      'MalformedXML',
      /^The XML you provided/,
    ],
    [
      'a timeout out of range',
      { method: 'PUT', url: '/2015-03-31/functions/f/configuration', headers: {}, body: Buffer.from('{"Timeout":0}') },
      'ValidationException',
      `${oneError}Value '0' at 'timeout' failed to satisfy constraint: Member must have value greater than or equal to 1`,
    ],
  ] as [string, WireRequest, string, string | RegExp][])('%s', async (_, request, code, message) => {
    const error = await refusal(request)

    expect(error.code).toBe(code)
    expect(error.message).toMatch(message)
  })
})

test('null members count as absent', async () => {
  const decoded = await decode('kms', 'awsJson1_1', json('kms', 'DescribeKey', '{"KeyId":"k","GrantTokens":null}'))

  expect(decoded.input).toEqual({ KeyId: 'k' })
})

test('members that no model knows are dropped', async () => {
  const decoded = await decode(
    'kms',
    'awsJson1_1',
    json('kms', 'DescribeKey', '{"KeyId":"k","Extra":{"a":1},"__proto__":{"b":2}}'),
  )

  expect(decoded.input).toEqual({ KeyId: 'k' })
  expect(Object.getPrototypeOf(decoded.input)).toBe(Object.prototype)
})

test('a query list may have gaps in its numbers, and comes in their order', async () => {
  const body =
    'Action=TagQueue&QueueUrl=http%3A%2F%2Fh%2F1%2Fq&Tag.7.Key=b&Tag.7.Value=2&Tag.3.Key=a&Tag.3.Value=1&Tag.12.Key=c&Tag.12.Value=%C3%A7'

  const decoded = await decode('sqs', 'query', form('2012-11-05', body))

  expect(decoded.operation).toBe('TagQueue')
  expect(decoded.input).toEqual({ QueueUrl: 'http://h/1/q', Tags: { a: '1', b: '2', c: 'ç' } })
})

test('query lists are read with and without "member"', async () => {
  const spelled = await decode(
    'cloudwatch',
    'query',
    form('2010-08-01', 'Action=DeleteAlarms&AlarmNames.member.2=b&AlarmNames.member.1=a'),
  )
  const plain = await decode(
    'cloudwatch',
    'query',
    form('2010-08-01', 'Action=DeleteAlarms&AlarmNames.1=a&AlarmNames.2=b'),
  )

  expect(spelled.input).toEqual({ AlarmNames: ['a', 'b'] })
  expect(plain.input).toEqual({ AlarmNames: ['a', 'b'] })
})

test('an error of a query-compatible service carries both of its codes', async () => {
  const { QueueDoesNotExist } = (await import('../../src/wire/errors.ts')).awsErrors('sqs')

  const response = encodeError('sqs', 'awsJson1_0', QueueDoesNotExist('The specified queue does not exist.'), 'r')
  const old = encodeError('sqs', 'query', QueueDoesNotExist('The specified queue does not exist.'), 'r')

  expect(response.status).toBe(400)
  expect(response.headers['x-amzn-query-error']).toBe('AWS.SimpleQueueService.NonExistentQueue;Sender')
  expect(JSON.parse(response.body as string)).toEqual({
    __type: 'com.amazonaws.sqs#QueueDoesNotExist',
    message: 'The specified queue does not exist.',
  })
  expect(old.body).toContain('<Code>AWS.SimpleQueueService.NonExistentQueue</Code>')
})
