/** Today's boto3 and one of 2022, which still speaks the query protocol to SQS and CloudWatch, are both understood. */
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { awsError, awsErrors } from '../../src/wire/errors.ts'
import { type Call, startWireServer, type WireServer } from './server.ts'

const run = promisify(execFile)
const cache = new URL('../../.igarape/boto3/', import.meta.url).pathname
const speaker = new URL('./speaker.py', import.meta.url).pathname
const { QueueDoesNotExist } = awsErrors('sqs')

/** The interpreter of an environment with this boto3, made once and kept; undefined where there is no Python. */
function pythonWith(version: string): string | undefined {
  const folder = `${cache}${version}`
  const python = `${folder}/bin/python`
  if (existsSync(`${folder}/ready`)) return python
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(cache, { recursive: true })
  execFileSync('python3', ['-m', 'venv', folder])
  execFileSync(python, [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    `boto3==${version}`,
    ...old(version),
  ])
  mkdirSync(`${folder}/ready`)
  return python
}

/** The boto3 of 2022 leans on a module that Python has since dropped from its packaging tools. */
function old(version: string): string[] {
  return version.startsWith('1.26') ? ['urllib3<2'] : []
}

function answer({ service, operation }: Call): unknown {
  switch (`${service}.${operation}`) {
    case 'sqs.CreateQueue':
      return { QueueUrl: 'http://h/000000000000/q' }
    case 'sqs.SendMessage':
      return { MessageId: 'm', MD5OfMessageBody: 'a7e1c0aaa5d49ddf28c8ceb70ea4a33f' }
    case 'sqs.ReceiveMessage':
      return {
        Messages: [{ MessageId: 'm', ReceiptHandle: 'r', Body: 'olá <b>\n', Attributes: { SentTimestamp: '1' } }],
      }
    case 'sqs.GetQueueUrl':
      return QueueDoesNotExist('The specified queue does not exist.')
    case 's3.PutObject':
      return { ETag: '"5d41402abc4b2a76b9719d911017c592"' }
    case 's3.GetObject':
      return { Body: Buffer.from('hello'), ContentLength: 5, LastModified: new Date(0), Metadata: { x: 'y' } }
    case 's3.ListObjectsV2':
      return { Name: 'b', KeyCount: 1, Contents: [{ Key: 'a b/ç', Size: 5, LastModified: new Date(0) }] }
    case 's3.HeadObject':
      return awsError('NoSuchKey', 'The specified key does not exist.', 404)
    case 'eventbridge.PutEvents':
      return { FailedEntryCount: 0, Entries: [{ EventId: 'e' }] }
    case 'sns.Publish':
      return { MessageId: 'm' }
    case 'lambda.Invoke':
      return { StatusCode: 200, Payload: Buffer.from('{"b":2}') }
    default:
      return {}
  }
}

const python = { today: pythonWith('1.44.5'), old: pythonWith('1.26.165') }

describe.each(['today', 'old'] as const)('boto3 of %s', (age) => {
  let wire: WireServer
  beforeAll(async () => {
    wire = await startWireServer()
    wire.answer = answer
  })
  afterAll(() => wire.close())

  test.skipIf(!python[age])('speaks to every protocol and understands the answers', async () => {
    const { stdout } = await run(python[age]!, [speaker, wire.url])

    const said = JSON.parse(stdout)
    const heard = Object.fromEntries(wire.calls.map((call) => [`${call.service}.${call.operation}`, call]))
    expect(heard['sqs.CreateQueue']?.input).toEqual({
      QueueName: 'q',
      Attributes: { DelaySeconds: '3' },
      tags: { a: '1' },
    })
    expect(heard['sqs.SendMessage']?.input).toMatchObject({
      MessageBody: 'olá <b>',
      MessageAttributes: { kind: { DataType: 'String', StringValue: 'ç' } },
    })
    expect(heard['sqs.SendMessage']?.protocol).toBe(age === 'old' ? 'query' : 'awsJson1_0')
    expect(said['sqs.ReceiveMessage']).toEqual({
      Messages: [{ MessageId: 'm', ReceiptHandle: 'r', Body: 'olá <b>\n', Attributes: { SentTimestamp: '1' } }],
    })
    expect(said['sqs.GetQueueUrl']).toEqual({
      error: 'AWS.SimpleQueueService.NonExistentQueue',
      message: 'The specified queue does not exist.',
    })
    expect(heard['s3.PutObject']?.input).toMatchObject({ Bucket: 'b', Key: 'a b/ç', Metadata: { x: 'y' } })
    expect(Buffer.from(heard['s3.PutObject']?.input.Body).toString()).toBe('hello')
    expect(said['s3.GetObject']).toMatchObject({ Body: 'hello', ContentLength: 5, Metadata: { x: 'y' } })
    expect(said['s3.ListObjectsV2'].Contents[0]).toMatchObject({ Key: 'a b/ç', Size: 5 })
    expect(said['s3.HeadObject']).toMatchObject({ error: '404' })
    expect(heard['eventbridge.PutEvents']?.input).toEqual({ Entries: [{ Source: 's', DetailType: 'd', Detail: '{}' }] })
    expect(heard['cloudwatch.PutMetricData']?.input).toEqual({
      Namespace: 'n',
      MetricData: [{ MetricName: 'm', Value: 1.5, Dimensions: [{ Name: 'a', Value: 'b' }] }],
    })
    expect(said['sns.Publish']).toEqual({ MessageId: 'm' })
    expect(Buffer.from(heard['lambda.Invoke']?.input.Payload).toString()).toBe('{"a":1}')
    expect(said['lambda.Invoke']).toEqual({ Payload: '{"b":2}' })
  })
})
