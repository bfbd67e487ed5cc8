/** PutEvents entry by entry, and TestEventPattern with the recorded answers of AWS. */
import { readFileSync } from 'node:fs'
import {
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  TestEventPatternCommand,
} from '@aws-sdk/client-eventbridge'
import { expect } from 'vitest'
import { test } from '../fixture.ts'

const good = { Source: 'app.sales', DetailType: 'file', Detail: '{"key":"a"}' }

test('a bad entry fails alone, in the words of AWS', async ({ igarape }) => {
  const events = igarape.client(EventBridgeClient)
  const answer = await events.send(
    new PutEventsCommand({
      Entries: [
        good,
        { ...good, Source: undefined },
        { ...good, DetailType: '' },
        { ...good, Detail: 'not json' },
        { ...good, Detail: '[1]' },
        { ...good, Source: 'aws.s3' },
      ],
    }),
  )

  expect(answer.FailedEntryCount).toBe(5)
  expect(answer.Entries?.[0]).toEqual({ EventId: expect.stringMatching(/^[0-9a-f-]{36}$/) })
  expect(answer.Entries?.slice(1)).toEqual([
    {
      ErrorCode: 'InvalidArgument',
      ErrorMessage: 'Parameter Source is not valid. Reason: Source is a required argument.',
    },
    {
      ErrorCode: 'InvalidArgument',
      ErrorMessage: 'Parameter DetailType is not valid. Reason: DetailType is a required argument.',
    },
    { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' },
    { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' },
    { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' },
  ])
})

test('more than ten entries, or more than 1 MB, are refused whole', async ({ igarape }) => {
  const events = igarape.client(EventBridgeClient)

  await expect(events.send(new PutEventsCommand({ Entries: Array(11).fill(good) }))).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining('Member must have length less than or equal to 10'),
  })
  const wide = (characters: number) => ({ ...good, Detail: JSON.stringify({ text: 'x'.repeat(characters) }) })
  const big = wide(2 ** 20)
  expect((await events.send(new PutEventsCommand({ Entries: [wide(1_000_000)] }))).FailedEntryCount).toBe(0)
  await expect(events.send(new PutEventsCommand({ Entries: [big] }))).rejects.toMatchObject({
    message: 'Total size of the entries in the request is over the limit.',
  })
})

test.for([
  ['deep', `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`, 'MalformedDetail'],
  ['two values', '{"a":1}, "b": {"c":2}', 'MalformedDetail'],
  ['a prototype', '{"__proto__":{"x":1},"constructor":1}', undefined],
  ['lone surrogates', '{"a":"\\ud83d"}', undefined],
] as const)('a hostile detail is refused or taken, and the server lives: %s', async ([, Detail, code], { igarape }) => {
  const events = igarape.client(EventBridgeClient)
  await events.send(new PutRuleCommand({ Name: 'r', EventPattern: '{"detail":{"a":[{"exists":true}]}}' }))
  const answer = await events.send(new PutEventsCommand({ Entries: [{ ...good, Detail }] }))

  expect(answer.Entries?.[0]?.ErrorCode).toBe(code)
})

interface Case {
  id: string
  pattern: string
  event: string
  expect: 'MATCH' | 'NO' | 'EXC'
  code?: string
  message?: string
}

const recorded = JSON.parse(
  readFileSync(new URL('../conformance/patterns/event_pattern_cases.json', import.meta.url), 'utf8'),
) as Case[]

test('TestEventPattern gives the recorded answers', async ({ igarape }) => {
  const events = igarape.client(EventBridgeClient)

  for (const { id, pattern, event, expect: wanted, code, message } of recorded) {
    const sent = events.send(new TestEventPatternCommand({ EventPattern: pattern, Event: event }))
    const answer = await sent.then(
      ({ Result }) => ({ answer: Result ? 'MATCH' : 'NO' }),
      (error: Error) => ({ answer: 'EXC', code: error.name, message: error.message }),
    )
    const error = wanted === 'EXC' && { code, ...(message !== undefined && { message }) }
    expect({ id, ...answer }).toMatchObject({ id, answer: wanted, ...error })
  }
})
