/** What is done once more from the console, what comes by the clock, and who may see it. */
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { describe } from 'vitest'
import { startIgarape } from '../../src/testkit/server.ts'
import { makeFunction } from '../lambda/samples.ts'
import { executablePath, patience, seriousFindings, sightOf, test } from './browser.ts'
import { busyWorld } from './world.ts'

const arn = (service: string, resource: string) => `arn:aws:${service}:us-east-1:000000000000:${resource}`

describe.skipIf(!executablePath)('in the console', { timeout: patience }, () => {
  test('an archive is replayed, and what it kept comes to its rules again', async ({ igarape, sight, expect }) => {
    const { page } = sight
    await busyWorld(igarape)
    const events = igarape.client(EventBridgeClient)
    const sqs = igarape.client(SQSClient)
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'sold' }))
    await events.send(new PutRuleCommand({ Name: 'sold', EventPattern: '{"source": ["shop"]}' }))
    await events.send(new PutTargetsCommand({ Rule: 'sold', Targets: [{ Id: 'q', Arn: arn('sqs', 'sold') }] }))

    await sight.open('events/archives')
    await page.getByRole('button', { name: 'Replay' }).click()
    await page.locator('form').getByRole('button', { name: 'Replay' }).click()
    await page.getByText(/The replay all-\d+ has begun/).waitFor()
    await page.getByText('completed').waitFor()
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }))

    expect(JSON.parse(Messages[0]?.Body ?? '{}')).toMatchObject({
      source: 'shop',
      detail: { total: 5 },
      'replay-name': expect.stringMatching(/^all-/),
    })
    expect(sight.complaints).toEqual([])
  })

  test('from a file’s way to its dead letter, and from there to the target that is there by now', async ({
    igarape,
    sight,
    expect,
  }) => {
    const { page } = sight
    await busyWorld(igarape)
    await makeFunction(igarape, 'gone', 'exports.handler = async (event) => { console.log(event.detail.object.key) }')

    await sight.open('flow')
    await page.getByRole('link', { name: /loja-123\.csv/ }).click()
    await page.getByRole('link', { name: 'Dead letters' }).first().click()
    await page.getByRole('button', { name: /loja-123\.csv/ }).click()
    await page.getByText('ERROR_CODE').waitFor()
    await page.getByRole('button', { name: 'Deliver again' }).click()
    await page.getByText('It was delivered.').waitFor()
    await igarape.settled()
    const logged = { logGroupName: '/aws/lambda/gone', filterPattern: '"loja-123.csv"' }
    const { events = [] } = await igarape.client(CloudWatchLogsClient).send(new FilterLogEventsCommand(logged))

    expect(events).toHaveLength(1)
    expect(sight.complaints).toEqual([])
  })

  test('what waits for another try is listed, leads to its way, and is gone when it is done', async ({
    igarape,
    sight,
    expect,
  }) => {
    const { page } = sight
    await busyWorld(igarape)
    await makeFunction(
      igarape,
      'flaky',
      'let calls = 0; exports.handler = async () => { if (calls++ < 1) throw Error() }',
    )
    const asked = { FunctionName: 'flaky', InvocationType: 'Event' as const, Payload: Buffer.from('{}') }
    await igarape.client(LambdaClient).send(new InvokeCommand(asked))
    await igarape.settled()

    await sight.open('flow')
    await page.getByRole('link', { name: 'Waits for flaky' }).click()
    await page.getByText(/after 1 tries; the next is at/).waitFor()
    await igarape.clock.advance({ minutes: 2 })
    await page.getByText(/after 1 tries/).waitFor({ state: 'detached' })
    await sight.open('flow')

    expect(await page.getByText('What waits for another try').count()).toBe(0)
    expect(sight.complaints).toEqual([])
  })

  test('a call is taken along for a shell and for a program', async ({ igarape, chromium, expect }) => {
    await busyWorld(igarape)
    const context = await chromium.newContext({ locale: 'en-US', permissions: ['clipboard-read', 'clipboard-write'] })
    const { page, open } = await sightOf(await context.newPage(), igarape)
    const taken = async (kind: string) => {
      await page.getByRole('button', { name: 'Copy the call' }).click()
      await page.getByRole('button', { name: kind }).click()
      await page.getByText('Copied.').last().waitFor()
      return page.evaluate('navigator.clipboard.readText()')
    }

    await open(`sql?sql=${encodeURIComponent("SELECT 'it''s'")}`)
    const ofShell = await taken('AWS CLI')
    await open('tables/counters')
    await page.getByLabel('kind = …').fill('nothing')
    await page.getByText('No item with that key').waitFor()
    const ofProgram = await taken('boto3')
    await context.close()

    expect(ofShell).toBe(
      `aws athena start-query-execution \\\n  --query-string 'SELECT '\\''it'\\'''\\''s'\\''' \\\n  --query-execution-context '{"Database":"shop"}'`,
    )
    expect(ofProgram).toContain('boto3.client("dynamodb").query(\n    TableName="counters",\n')
  })

  test('what a queue gave up goes back to it', async ({ igarape, sight, expect }) => {
    const { page } = sight
    const sqs = igarape.client(SQSClient)
    await sqs.send(new CreateQueueCommand({ QueueName: 'given-up' }))
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn('sqs', 'given-up'), maxReceiveCount: 1 })
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'work', Attributes: { RedrivePolicy } }))
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'poison' }))
    for (const _receive of [1, 2]) {
      await sqs.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 1 }))
      await igarape.clock.advance({ seconds: 2 })
    }

    await sight.open('queues/given-up')
    await page.getByText('takes dead letters').waitFor()
    await page.getByRole('button', { name: /poison/ }).waitFor()
    await page.getByRole('button', { name: 'Redrive' }).click()
    await page.getByText('Nothing was given up on').waitFor()
    const asked = { QueueUrl, AttributeNames: ['ApproximateNumberOfMessages' as const] }
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand(asked))

    expect(Attributes?.ApproximateNumberOfMessages).toBe('1')
    expect(sight.complaints).toEqual([])
  })

  test('a schedule tells its next ten times', async ({ igarape, sight, expect }) => {
    const { page } = sight
    await busyWorld(igarape)
    const nextThree = new Date(igarape.clock.now())
    nextThree.setUTCHours(3, 0, 0, 0)
    if (nextThree <= igarape.clock.now()) nextThree.setUTCDate(nextThree.getUTCDate() + 1)

    await sight.open('events/schedules')
    await page.locator('.times li').nth(9).waitFor()
    const times = await page.locator('.times time').evaluateAll((all) => all.map((one) => one.getAttribute('datetime')))

    const day = 86_400_000
    expect(times).toEqual(Array.from({ length: 10 }, (_, at) => new Date(nextThree.getTime() + at * day).toISOString()))
    expect(sight.complaints).toEqual([])
  })

  test('who demands signatures is asked for the key, once', async ({ chromium, expect }) => {
    const igarape = await startIgarape({ options: { auth: 'sigv4', secretKey: 'hidden' } })
    const context = await chromium.newContext({ locale: 'en-US' })
    const { page, complaints } = await sightOf(await context.newPage(), igarape)

    await page.goto(`${igarape.endpoint}/_igarape/#/queues`)
    await page.getByLabel('Access key').fill('test')
    await page.getByLabel('Secret').fill('wrong')
    const findings = await seriousFindings(page)
    await page.getByRole('button', { name: 'Open' }).click()
    const refusal = await page.getByRole('alert').innerText()
    await page.getByLabel('Secret').fill('hidden')
    await page.getByRole('button', { name: 'Open' }).click()
    await page.getByText('No queue').waitFor()
    await page.reload()
    await page.getByText('No queue').waitFor()
    await context.close()
    await igarape.stop()

    expect(refusal).not.toBe('')
    expect(findings).toEqual([])
    expect(complaints).toEqual([])
  })
})
