/** Commands, one test a rule. What a query gives is asked of the engine alone. */
import { afterAll, expect, test } from 'vitest'
import { compileInsights } from '../../src/engines/insights/compiler.ts'
import { InsightsError } from '../../src/engines/insights/insightsError.ts'
import { type GivenEvent, Harness, noon } from './harness.ts'

const harness = new Harness()
afterAll(() => harness.close())

const rowsOf = async (query: string, events: readonly GivenEvent[]) => (await harness.run(query, events)).rows
const column = async (query: string, events: readonly GivenEvent[], name: string) =>
  (await rowsOf(query, events)).map((row) => row[name])

const requests = [
  { server: 'a', severity: 'ERROR', ms: 120, status: 500 },
  { server: 'b', severity: 'INFO', ms: 15, status: 200 },
  { server: 'a', severity: 'INFO', ms: 30, status: 200 },
  { server: 'b', severity: 'ERROR', ms: 200, status: 503 },
  'plain text',
]

test('without fields the time and the message are shown, the newest first', async () => {
  expect(await rowsOf('limit 2', requests)).toEqual([
    { '@timestamp': '2025-10-20 12:00:04.000', '@message': 'plain text' },
    { '@timestamp': '2025-10-20 12:00:03.000', '@message': JSON.stringify(requests[3]) },
  ])
})

test('several fields commands add up, display alone says what is shown', async () => {
  const query = 'fields server | fields ms * 2 as twice | filter ms > 100 | sort ms'

  expect(await rowsOf(query, requests)).toEqual([
    { server: 'a', twice: '240' },
    { server: 'b', twice: '400' },
  ])
  expect(await rowsOf(`${query} | display ms, twice`, requests)).toEqual([
    { ms: '120', twice: '240' },
    { ms: '200', twice: '400' },
  ])
})

test('an expression without an alias is named as it is written, and found again by it', async () => {
  expect(await rowsOf('stats count(*), avg( ms ) by severity | sort count(*) desc, severity', requests)).toEqual([
    { severity: 'ERROR', 'count(*)': '2', 'avg( ms )': '160' },
    { severity: 'INFO', 'count(*)': '2', 'avg( ms )': '22.5' },
    { 'count(*)': '1' },
  ])
})

test('comments, strings with escapes and words in any case are understood', async () => {
  const query = `# the slow ones
    FIELDS server # one field
    | Filter severity = 'ERROR' AND NOT (server = "\\"")
    | SORT ms DESC`

  expect(await rowsOf(query, requests)).toEqual([{ server: 'b' }, { server: 'a' }])
})

test('a glob finds what lies between its words; what does not match keeps its events', async () => {
  const events = ['user=ana, method:GET, latency := 12', 'user=bia, method:PUT, latency := 30', 'none']
  const query = 'parse @message "user=*, method:*, latency := *" as @user, @method, @latency'

  expect(await rowsOf(`${query} | sort @timestamp | display @user, @method, @latency`, events)).toEqual([
    { '@user': 'ana', '@method': 'GET', '@latency': '12' },
    { '@user': 'bia', '@method': 'PUT', '@latency': '30' },
    {},
  ])
  expect(await rowsOf(`${query} | filter @latency > 15 | stats avg(@latency) by @method, @user`, events)).toEqual([
    { '@method': 'PUT', '@user': 'bia', 'avg(@latency)': '30' },
  ])
})

test('a regular expression gives its named groups, one that looks around too', async () => {
  const events = ['GET /a 200', 'PUT /b 500']

  const plain = 'parse @message /(?<verb>[A-Z]+) (?<path>\\/\\w+)/ | display verb, path | sort verb'
  expect(await rowsOf(plain, events)).toEqual([
    { verb: 'GET', path: '/a' },
    { verb: 'PUT', path: '/b' },
  ])
  const around = 'parse @message /(?<code>\\d+)(?=$)/ | filter code >= 500 | display code'
  expect(await rowsOf(around, events)).toEqual([{ code: '500' }])
})

test('what parse finds is shown beside the fields', async () => {
  expect(await rowsOf('fields @message | parse @message "[*] *" as kind, rest', ['[INFO] ok'])).toEqual([
    { '@message': '[INFO] ok', kind: 'INFO', rest: 'ok' },
  ])
})

test('groups are made by fields and by time, the newest time first', async () => {
  const minute = { timestamp: noon + 60_000, message: '{"severity":"INFO"}' }
  const query = 'stats count(*) as c by bin(1m) as t, severity'

  expect(await rowsOf(query, [...requests.slice(0, 4), minute])).toEqual([
    { t: '2025-10-20 12:01:00.000', severity: 'INFO', c: '1' },
    { t: '2025-10-20 12:00:00.000', severity: 'ERROR', c: '2' },
    { t: '2025-10-20 12:00:00.000', severity: 'INFO', c: '2' },
  ])
})

test('stats may follow stats, and filters what was counted', async () => {
  const query = 'stats sum(ms) as total by server, severity | stats max(total) as most, count(*) as groups'
  expect(await rowsOf(query, requests.slice(0, 4))).toEqual([{ most: '200', groups: '4' }])

  const filtered = 'stats sum(ms) as total by server | filter total > 200 | fields server, total / 2 as half'
  expect(await rowsOf(filtered, requests)).toEqual([{ server: 'b', half: '107.5' }])

  const again = 'stats count(*) as c by bin(1s) | stats max(c) as most by bin(1m)'
  expect(await rowsOf(again, requests)).toEqual([{ 'bin(1m)': '2025-10-20 12:00:00.000', most: '1' }])
})

test('sorting puts numbers after all else, and numbers within text by their size', async () => {
  const values = ['item10', 'item9', 10, 9, 'Item1', '2b', null]
  const events = values.map((v) => ({ v }))

  expect(await column('fields v | sort v', events, 'v')).toEqual([
    undefined,
    '2b',
    'Item1',
    'item9',
    'item10',
    '9',
    '10',
  ])
  expect(await column('fields v | sort v desc', events, 'v')).toEqual([
    '10',
    '9',
    'item10',
    'item9',
    'Item1',
    '2b',
    undefined,
  ])
})

test('of duplicates the first in the order stays, and events without the field', async () => {
  expect(await rowsOf('fields server, ms | dedup server', requests)).toEqual([
    {},
    { server: 'b', ms: '200' },
    { server: 'a', ms: '30' },
  ])
  const bySeverity = 'fields server, ms | filter ispresent(ms) | sort ms desc | dedup server, severity | limit 2'
  expect(await rowsOf(bySeverity, requests)).toEqual([
    { server: 'b', ms: '200' },
    { server: 'a', ms: '120' },
  ])
})

test('a limit before another command counts', async () => {
  expect(await rowsOf('sort ms desc | limit 2 | stats count(*), min(ms)', requests)).toEqual([
    { 'count(*)': '2', 'min(ms)': '120' },
  ])
})

test('a list becomes a row for each of its items', async () => {
  const events = [{ events: [{ name: 'exception' }, { name: 'user action' }] }, { events: [] }, { events: 'one' }]
  const query = 'fields jsonParse(@message) as json_message | unnest json_message.events into event | sort @timestamp'

  expect(await rowsOf(`${query} | display event.name, event`, events)).toEqual([
    { 'event.name': 'exception', event: '{"name":"exception"}' },
    { 'event.name': 'user action', event: '{"name":"user action"}' },
    { event: 'one' },
  ])
  expect(await rowsOf(`${query} | stats count(*) by event.name`, events)).toContainEqual({
    'event.name': 'exception',
    'count(*)': '1',
  })
})

test('messages of one shape are one pattern', async () => {
  const events = [
    '2025-10-20 12:00:00 [INFO] Request 81d6f0c2-8f2e-4c2e-9d2b-1a2b3c4d5e6f took 12 ms',
    '2025-10-20 12:00:01 [INFO] Request 71d6f0c2-8f2e-4c2e-9d2b-1a2b3c4d5e6f took 7 ms',
    '[ERROR] no route to 10.0.0.1',
    '[ERROR] no route to 10.0.0.2',
    '[ERROR] no route to 10.0.0.3',
  ]

  expect(await rowsOf('pattern @message', events)).toEqual([
    { '@pattern': '[ERROR] no route to <IP-1>', '@sampleCount': '3', '@ratio': '0.6', '@severityLabel': 'Error' },
    {
      '@pattern': '<Time-1> [INFO] Request <UUID-2> took <Number-3> ms',
      '@sampleCount': '2',
      '@ratio': '0.4',
      '@severityLabel': 'Info',
    },
  ])
})

test('patterns are compared with those of the time before', async () => {
  const before = (message: string) => ({ timestamp: noon - 1_000, message })
  const events = ['job 1 done', 'job 2 done', 'job 3 done', before('job 4 done'), before('cache cold')]

  const rows = await rowsOf('pattern @message | diff', events)

  expect(rows.map((row) => [row['@pattern'], row['@differenceCount'], row['@differenceDescription']])).toEqual([
    ['job <Number-1> done', '2', '+200%'],
    ['cache cold', '-1', 'Pattern disappeared'],
  ])
})

test('totals are added to rows and as a row', async () => {
  const events = [
    { price: 10, tax: 1, name: 'x' },
    { price: 5, tax: 2 },
  ]

  expect(await rowsOf('fields price, tax | sort price | addtotals', events)).toEqual([
    { price: '5', tax: '2', Total: '7' },
    { price: '10', tax: '1', Total: '11' },
  ])
  expect(await rowsOf('fields price, tax | sort price | addtotals row=false col=true price', events)).toEqual([
    { price: '5', tax: '2' },
    { price: '10', tax: '1' },
    { price: '15' },
  ])
})

const twoGroups = [
  { group: '/api', message: '{"requestId":"r1","status":500}' },
  { group: '/api', message: '{"requestId":"r2","status":503}' },
  { group: '/api', message: '{"requestId":"r3","status":200}' },
  { group: '/fn', message: '{"requestId":"r1","ms":7,"errorType":"Timeout"}' },
  { group: '/fn', message: '{"requestId":"r3","ms":9}' },
]

test('events of two groups are joined by what they have in common', async () => {
  const join = (type: string) => `SOURCE '/api' | filter status >= 500
    | join type=${type} left=api right=fn where api.requestId=fn.requestId (SOURCE '/fn')
    | fields api.requestId, api.status, fn.ms | sort api.status`

  expect(await rowsOf(join('inner'), twoGroups)).toEqual([{ 'api.requestId': 'r1', 'api.status': '500', 'fn.ms': '7' }])
  expect(await rowsOf(join('left'), twoGroups)).toEqual([
    { 'api.requestId': 'r1', 'api.status': '500', 'fn.ms': '7' },
    { 'api.requestId': 'r2', 'api.status': '503' },
  ])
})

test('a subquery gives the values that a field may have', async () => {
  const query = (not: string) => `SOURCE '/api'
    | filter requestId ${not} in (SOURCE '/fn' | filter errorType = "Timeout" | fields requestId)
    | fields requestId | sort requestId`

  expect(await column(query(''), twoGroups, 'requestId')).toEqual(['r1'])
  expect(await column(query('not'), twoGroups, 'requestId')).toEqual(['r2', 'r3'])
  const counted = `SOURCE '/api' | filter requestId in (
    SOURCE '/fn' | stats count(*) as c by requestId | filter c > 0 | fields requestId) | stats count(*) as n`
  expect(await column(counted, twoGroups, 'n')).toEqual(['2'])
})

test("a function's own lines have its fields, and lines of its runtime the request's id", async () => {
  const id = '8f5070fd-1c1d-4bd4-a6b6-0e1d2a1b3c4d'
  const at = { group: '/aws/lambda/f' }
  const events = [
    { ...at, message: `START RequestId: ${id} Version: $LATEST\n` },
    { ...at, message: `2025-10-20T12:00:00.000Z\t${id}\tINFO\t{"order":7,"note":"a } b"} and {"order":8}` },
    { ...at, message: `END RequestId: ${id}\n` },
    {
      ...at,
      message: `REPORT RequestId: ${id}\tDuration: 3.43 ms\tBilled Duration: 4 ms\tMemory Size: 128 MB\tMax Memory Used: 65 MB\tInit Duration: 120.5 ms\t\n`,
    },
  ]
  const query =
    'fields @type, @requestId, @duration, @billedDuration, @memorySize, @maxMemoryUsed, @initDuration, order'

  expect(await rowsOf(`${query} | sort @timestamp`, events)).toEqual([
    { '@type': 'START', '@requestId': id },
    { '@requestId': id, order: '7' },
    { '@type': 'END', '@requestId': id },
    {
      '@type': 'REPORT',
      '@requestId': id,
      '@duration': '3.43',
      '@billedDuration': '4',
      '@memorySize': '128000000',
      '@maxMemoryUsed': '65000000',
      '@initDuration': '120.5',
    },
  ])
  const overProvisioned = `filter @type = "REPORT" | stats max(@memorySize / 1000 / 1000) as provisioned,
    avg(@maxMemoryUsed / 1000 / 1000) as used, provisioned - used as over by bin(1h)`
  expect(await rowsOf(overProvisioned, events)).toEqual([
    { 'bin(1h)': '2025-10-20 12:00:00.000', provisioned: '128', used: '65', over: '63' },
  ])
})

test('a lookup adds columns of the first row whose key is the same text, and nothing where there is none', async () => {
  const header = ['id', 'area', 'name', 'email']
  const users = [
    ['7', 'br', 'Ana', 'ana@x'],
    ['7', 'br', 'Another', 'other@x'],
    ['7', 'pt', 'Rui', 'rui@x'],
  ]
  const events = [
    { user: 7, zone: 'br', name: 'of the event' },
    { user: 7, zone: 'pt' },
    { user: 7, zone: 'BR' },
    { user: '07', zone: 'br' },
  ]
  const answer = async (query: string) => (await harness.run(query, events, {}, { header, rows: users })).rows

  const whole = 'fields user, zone | lookup users id as user, area as zone OUTPUT name, email | sort @timestamp'
  expect(await answer(whole)).toEqual([
    { user: '7', zone: 'br', name: 'Ana', email: 'ana@x' },
    { user: '7', zone: 'pt', name: 'Rui', email: 'rui@x' },
    { user: '7', zone: 'BR' },
    { user: '07', zone: 'br' },
  ])
  const counted = 'lookup users area as zone OUTPUT name | filter isPresent(name) | stats count(*) as n by name'
  expect(await answer(counted)).toEqual([
    { name: 'Ana', n: '2' },
    { name: 'Rui', n: '1' },
  ])
})

test('no more than 200 fields of an event are discovered', async () => {
  const wide = Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`field${i}`, i]))

  expect(await rowsOf('fields field0, field199, field200, field249', [wide])).toEqual([
    { field0: '0', field199: '199' },
  ])
})

test('what passed the filters is counted, whatever is done with it', async () => {
  const { statistics } = await harness.run('filter severity = "ERROR" | stats count(*) by server | limit 1', requests)

  expect(statistics).toMatchObject({ recordsScanned: 5, recordsMatched: 2 })
})

const malformed: [query: string, from: number, to: number, message: RegExp][] = [
  ['fields', 6, 6, /expected an expression/],
  ['fields a |', 10, 10, /^$|expected a command/],
  ['fetch a', 0, 5, /expected a command/],
  ['filter a like /x', 14, 16, /not closed/],
  ['filter a = "x', 11, 13, /not closed/],
  ['filter a like /(/', 14, 17, /invalid regular expression/],
  ['fields foo(a)', 7, 13, /unknown function 'foo'/],
  ['fields abs(a, b)', 7, 16, /number of arguments/],
  ['fields sum(a)', 7, 13, /only in stats/],
  ['stats sum(a) + b', 15, 16, /neither in a function of stats/],
  ['stats count(*) by bin(5x)', 22, 24, /not a unit of time/],
  ['fields bin(a)', 11, 12, /expected a period/],
  ['limit 0', 6, 7, /whole number/],
  ['parse @message "* *" as a', 0, 25, /number of wildcards/],
  ['fields a ] b', 9, 10, /unexpected symbol found '\]'/],
  ['filter a = ~', 11, 12, /unexpected symbol found '~'/],
]

test.each(malformed)('%s is malformed from %i to %i', (query, start, end, message) => {
  const compile = () => compileInsights(query, { account: '0', region: 'r', now: noon })

  expect(compile).toThrow(InsightsError)
  try {
    compile()
  } catch (error) {
    expect((error as InsightsError).message).toMatch(message)
    expect((error as InsightsError).span).toMatchObject({ start, end })
  }
})

test('what guides for Lambda write is taken: sort by, percentile', async () => {
  const events = [3, 1, 2].map((ms) => ({ ms, by: 10 - ms, level: 'ERR' }))

  expect(await column('filter level = "ERR" | sort by ms desc', events, '@message')).toEqual(
    [3, 2, 1].map((ms) => JSON.stringify({ ms, by: 10 - ms, level: 'ERR' })),
  )
  expect(await column('fields ms | sort `by` desc', events, 'ms')).toEqual(['1', '2', '3'])
  expect(await column('stats percentile(ms, 50) as middle', events, 'middle')).toEqual(['2'])
})

test('what is equal under a sort stays in the order before it', async () => {
  const events = Array.from({ length: 40 }, (_, n) => ({ n, kind: n % 2 }))

  const expected = [1, 0].flatMap((kind) => events.filter((event) => event.kind === kind).map(({ n }) => String(n)))
  expect(await column('fields n | sort @timestamp asc | sort kind desc', events, 'n')).toEqual(expected)
})
