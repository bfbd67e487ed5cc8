/** Functions and operators, by the documentation's own examples where it has some. */
import { afterAll, expect, test } from 'vitest'
import { functionTables } from '../../src/engines/insights/functions/registry.ts'
import { Harness } from './harness.ts'

const harness = new Harness()
afterAll(() => harness.close())

const event = {
  n: 7.5,
  big: 123456789012,
  id: '12345678901234567890',
  text: '  padded ',
  empty: '',
  yes: true,
  no: false,
  nothing: null,
  ip: '10.1.2.3',
  ip6: '2001:db8::1',
  nested: { list: ['a', { b: 2 }], 'with.dot': 'd' },
  'dash-ed': 'x',
  '@own': 'mine',
  json: '{"status_code":200,"users":[{"action":"GetData"},{"action":"PutData"}],"user.id":"u1"}',
}

/** The value of an expression over the event; `-` where there is none. */
const expressions: [expression: string, value: string][] = [
  ['1 + 2 * 3', '7'],
  ['2 ^ 3', '8'],
  ['10 % 3', '1'],
  ['7 / 2', '3.5'],
  ['1 / 0', '-'],
  ['-n + 1', '-6.5'],
  ['(1 + 2) * 3', '9'],
  ['abs(-3)', '3'],
  ['ceil(1.2)', '2'],
  ['floor(-1.2)', '-2'],
  ['greatest(1, n, 3)', '7.5'],
  ['least(1, n, 3)', '1'],
  ['log(1)', '0'],
  ['sqrt(16)', '4'],
  ['sqrt(-1)', '-'],
  ['1 / 3', '0.3333'],
  ['big * 1', '123456789012'],
  ['n = 7.5', '1'],
  ['n = "7.5"', '1'],
  ['n = "7.50"', '1'],
  ['n != 7', '1'],
  ['n > "10"', '0'],
  ['id = 12345678901234567890', '1'],
  ['id = 12345678901234567891', '0'],
  ['missing = 1', '-'],
  ['missing != 1', '-'],
  ['not (n = 7.5)', '0'],
  ['n = 1 or n > 7', '1'],
  ['n = 1 and n > 7', '0'],
  ['n in [1, "7.5"]', '1'],
  ['ip in ["a", "10.1.2.3"]', '1'],
  ['ip not in ["a"]', '1'],
  ['ip like "1.2"', '1'],
  ['ip like /^10\\.\\d+/', '1'],
  ['ip =~ /^(?i)10/', '1'],
  ['ip not like /^10/', '0'],
  ['ip like /^(?!11)/', '1'],
  ['yes', '1'],
  ['no', '0'],
  ['yes = true', '1'],
  ['nothing', '-'],
  ['nested.list.0', 'a'],
  ['nested.list.1.b', '2'],
  ['nested.list', '-'],
  ['nested', '-'],
  ['nested.with.dot', 'd'],
  ['`dash-ed`', 'x'],
  ['@@own', 'mine'],
  ['ispresent(n)', '1'],
  ['isPresent(missing)', '0'],
  ['isempty(empty)', '1'],
  ['isempty(missing)', '1'],
  ['isblank("  ")', '1'],
  ['isblank(text)', '0'],
  ['coalesce(missing, nothing, n)', '7.5'],
  ['concat("a", n, missing, "b")', 'a7.5b'],
  ['ltrim("xyZfooxyZ", "xyZ")', 'fooxyZ'],
  ['rtrim("xyZfooxyZ", "xyZ")', 'xyZfoo'],
  ['trim("xyZfooxyZ", "xyZ")', 'foo'],
  ['trim(text)', 'padded'],
  ['strlen("água")', '4'],
  ['toupper("água")', 'ÁGUA'],
  ['tolower("ABC")', 'abc'],
  ['substr("xyZfooxyZ", 3)', 'fooxyZ'],
  ['substr("xyZfooxyZ", 3, 3)', 'foo'],
  ['replace("foo", "o", "0")', 'f00'],
  ['strcontains("foo", "oo")', '1'],
  ['strcontains("foo", "x")', '0'],
  ['bin(1h)', '2025-10-20 12:00:00.000'],
  ['bin(1mo)', '2025-10-01 00:00:00.000'],
  ['bin(1q)', '2025-10-01 00:00:00.000'],
  ['bin(1y)', '2025-01-01 00:00:00.000'],
  ['bin(1w)', '2025-10-20 00:00:00.000'],
  ['datefloor(@timestamp, 1d)', '2025-10-20 00:00:00.000'],
  ['dateceil(@timestamp, 1d)', '2025-10-21 00:00:00.000'],
  ['dateceil(@timestamp, 1mo)', '2025-11-01 00:00:00.000'],
  ['dateceil(@timestamp, 12h)', '2025-10-20 12:00:00.000'],
  ['toMillis(@timestamp)', '1760961600000'],
  ['fromMillis(1760961600000)', '2025-10-20 12:00:00.000'],
  ['now()', '1760961600'],
  ['@timestamp < "2025-10-20 12:00:01"', '1'],
  ['@timestamp >= 1760961600000', '1'],
  ['isValidIp(ip)', '1'],
  ['isValidIp("300.1.1.1")', '0'],
  ['isValidIpv4(ip6)', '0'],
  ['isValidIpv6(ip6)', '1'],
  ['isIpv4InSubnet(ip, "10.0.0.0/8")', '1'],
  ['isIpInSubnet(ip, "10.1.2.3/32")', '1'],
  ['isIpInSubnet(ip, "11.0.0.0/8")', '0'],
  ['isIpv6InSubnet(ip6, "2001:db8::/32")', '1'],
  ['isIpv6InSubnet(ip, "10.0.0.0/8")', '0'],
  ['jsonStringify(jsonParse(json))', event.json],
  ['jsonParse("no json")', '-'],
  ['unmask(@log)', '000000000000:/app'],
]

test.each(expressions)('%s is %s', async (expression, value) => {
  const { rows } = await harness.run(`fields ${expression} as value | display value`, [event])

  expect(rows[0]?.value ?? '-').toBe(value)
})

test('a parsed document is read by its names and its indexes', async () => {
  const query = 'fields jsonParse(json) as j | fields j.status_code, j.users[1].action, j.`user.id`, j.users as users'

  const { rows } = await harness.run(query, [event])

  expect(rows).toEqual([
    {
      j: event.json,
      'j.status_code': '200',
      'j.users.1.action': 'PutData',
      'j.user.id': 'u1',
      users: '[{"action":"GetData"},{"action":"PutData"}]',
    },
  ])
})

const measured = [
  { host: 'a', ms: 1, word: 'x10' },
  { host: 'a', ms: 2, word: 'x9' },
  { host: 'a', ms: 3 },
  { host: 'b', ms: 10, word: 'y' },
  { host: 'b', ms: 'slow', word: 'x9' },
  { word: '5' },
]

const aggregates: [expression: string, value: string][] = [
  ['count(*)', '6'],
  ['count()', '6'],
  ['count(ms)', '5'],
  ['count_distinct(host)', '2'],
  ['count_distinct(word)', '4'],
  ['sum(ms)', '16'],
  ['avg(ms)', '4'],
  ['min(ms)', '1'],
  ['max(ms)', '10'],
  ['max(word)', '5'],
  ['max(@timestamp)', '2025-10-20 12:00:05.000'],
  ['median(ms)', '2.5'],
  ['pct(ms, 50)', '2.5'],
  ['pct(ms, 100)', '10'],
  ['stddev(ms)', '3.5355'],
  ['earliest(word)', 'x10'],
  ['latest(word)', '5'],
  ['sortsFirst(word)', 'x9'],
  ['sortsLast(word)', '5'],
  ['sum(ms) / count(ms)', '3.2'],
  ['ceil(avg(ms)) + 1', '5'],
  ['max(ms) - min(ms)', '9'],
]

test.each(aggregates)('%s of some events is %s', async (expression, value) => {
  const { rows } = await harness.run(`stats ${expression} as value`, measured)

  expect(rows).toEqual([{ value }])
})

test('over no events counts are 0 and other functions give nothing', async () => {
  const { rows } = await harness.run('filter host = "none" | stats count(*), max(ms)', measured)

  expect(rows).toEqual([{ 'count(*)': '0' }])
})

test('FUNCTIONS.md lists the functions that the tables have (vitest -u prints it anew)', async () => {
  const parts = functionTables.map(({ title, lines }) => {
    const rows = lines.map(([signature, , meaning]) => `| \`${signature}\` | ${meaning} |`)
    return ['', `## ${title}`, '', '| function | what it gives |', '| --- | --- |', ...rows, ''].join('\n')
  })

  const text = `# Logs Insights: functions\n${parts.join('')}`
  await expect(text).toMatchFileSnapshot('../../src/engines/insights/FUNCTIONS.md')
})
