/** A pattern made from an event matches that event, and leaves out what is different every time. */
import { expect, test } from 'vitest'
import { compilePattern } from '../../src/engines/patterns/pattern.ts'
import { patternFor } from '../../src/engines/patterns/suggestion.ts'

const event = {
  version: '0',
  id: '17793124-05d4-b198-2fde-7ededc63b103',
  'detail-type': 'Object Created',
  source: 'aws.s3',
  account: '000000000000',
  time: '2025-10-20T08:00:00Z',
  region: 'us-east-1',
  resources: ['arn:aws:s3:::raw'],
  detail: { bucket: { name: 'raw' }, object: { key: 'in/a.csv', size: 5 }, tags: [{ k: 'a' }, { k: 'b' }], none: [] },
}

test('of the envelope it keeps what says what the event is, and every value of the detail', () => {
  const pattern = patternFor(event)

  expect(pattern).toEqual({
    source: ['aws.s3'],
    'detail-type': ['Object Created'],
    detail: { bucket: { name: ['raw'] }, object: { key: ['in/a.csv'], size: [5] }, tags: { k: ['a', 'b'] } },
  })
  expect(compilePattern(JSON.stringify(pattern)).matches(event)).toBe(true)
})

test('ids and times inside the detail are left out', () => {
  expect(patternFor({ source: 's', detail: { id: event.id, at: event.time, ok: true } })).toEqual({
    source: ['s'],
    detail: { ok: [true] },
  })
})
