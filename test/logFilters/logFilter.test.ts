/** CloudWatch Logs' filter patterns, by the examples of its documentation. */
import { expect, test } from 'vitest'
import { compileLogFilter } from '../../src/engines/logFilters/logFilter.ts'
import { InvalidLogFilter } from '../../src/engines/logFilters/wantedText.ts'

const json = JSON.stringify({
  eventType: 'UpdateTrail',
  sourceIPAddress: '111.111.111.111',
  arrayKey: ['value', 'another value'],
  objectList: [
    { name: 'a', id: 1 },
    { name: 'b', id: 2 },
  ],
  SomeObject: null,
  cluster: { name: 'c' },
  flag: true,
  latency: 1500.5,
  'key-with-dash': 'x',
})
const access = '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'

test.each([
  ['', 'anything', true],
  ['ERROR', '[ERROR 400] BAD REQUEST', true],
  ['ERROR', '[error 400]', false],
  ['ERROR ARGUMENTS', '[ERROR 419] MISSING ARGUMENTS', true],
  ['ERROR ARGUMENTS', '[ERROR 400] BAD REQUEST', false],
  ['?ERROR ?ARGUMENTS', '[ERROR 400] BAD REQUEST', true],
  ['?ERROR ?ARGUMENTS', 'nothing', false],
  ['?ERROR ?WARN INFO', 'INFO only', true],
  ['"INTERNAL SERVER ERROR"', '[ERROR 500] INTERNAL SERVER ERROR', true],
  ['ERROR -ARGUMENTS', '[ERROR 400] BAD REQUEST', true],
  ['ERROR -ARGUMENTS', '[ERROR 419] MISSING ARGUMENTS', false],
  ['-"two words"', 'with two words', false],
  ['%ERROR [0-9]{3}%', '[ERROR 400] BAD', true],
  ['%^Lambda%', 'a Lambda', false],
  ['{ $.eventType = "UpdateTrail" }', json, true],
  ['{ $.eventType = "Update*" }', json, true],
  ['{ $.eventType = UpdateTrail }', json, true],
  ['{ $.sourceIPAddress != "123.123.*" }', json, true],
  ['{ $.arrayKey[0] = "value" }', json, true],
  ['{ $.arrayKey[1] = "value" }', json, false],
  ['{ $.objectList[1].id = 2 }', json, true],
  ['{ $.objectList[*].id = 2 }', json, true],
  ['{ $.*.name = "c" }', json, true],
  ['{ $.SomeObject IS NULL }', json, true],
  ['{ $.SomeOtherObject NOT EXISTS }', json, true],
  ['{ $.eventType NOT EXISTS }', json, false],
  ['{ $.flag IS TRUE }', json, true],
  ['{ $.flag IS FALSE }', json, false],
  ['{ $.latency > 1000 && $.latency <= 1500.5 }', json, true],
  ['{ $.latency < 1e3 }', json, false],
  ['{ ($.latency > 1e9) || ($.cluster.name = "c" && $.flag IS TRUE) }', json, true],
  ["{ $.['key-with-dash'] = x }".replace('.[', '['), json, true],
  ['{ $.sourceIPAddress = %^1{3}\\.% }', json, true],
  ['{ $.missing != "x" }', json, false],
  ['{ $.a = 1 }', 'not json', false],
  ['[ip, env, user, time, request, status, bytes]', access, true],
  ['[ip, env, user, time, request = *index.html*, status = 4*, bytes > 1000]', access, true],
  ['[ip, ..., status = 200 || status = 404, bytes]', access, true],
  ['[..., bytes < 1000]', access, false],
  ['[ip != "127.*", ...]', access, false],
  ['[ip, env]', access, false],
  ['[time = 10/Oct*, ...]', '"10/Oct 2000" x', true],
  ['[w1 = %[a-z]+%, w2]', 'abc 1', true],
  ['[w1=ERROR, w2]', 'ERROR x', true],
  ['[w1=ERROR || w1=%WARN%, w2]', 'WARN x', true],
  ['[w1!=ERROR&&w1!=WARN, w2]', 'WARN x', false],
  ['[w1!=ERROR&&w1!=WARN, w2]', 'INFO x', true],
  ['[(w1 = ERROR || w1 = WARN), w2]', 'WARN x', true],
  ['{ $.[\'cluster.name\'] = "c" }', '{"cluster.name":"c"}', true],
  [
    '{ $.user.id = 1 && $.users[0].email = "John.Doe@example.com" }',
    '{"user":{"id":1},"users":[{"email":"John.Doe@example.com"}]}',
    true,
  ],
  ['{ $.errorCode = 4* }', '{"errorCode":404}', true],
  ['{ $.foo.bar = %ab+% }', '{"foo":{"bar":"xabb"}}', true],
  ['{ $.level = "ERROR" }', '{"level":"\\u0045RROR"}', true],
  ['{ $.n = 400 }', '{"n":4e2}', true],
] as const)('%s against %s: %s', (pattern, message, wanted) => {
  expect(compileLogFilter(pattern).passes(message)).toBe(wanted)
})

test.each([
  'user-name',
  '{ $.a = }',
  '{ $.a ~ 1 }',
  '{ a = 1 }',
  '[a, b',
  '%(%',
  '%(?=a)%',
  '"open',
  '{ $.a = 1 } x',
  '?',
  '%something!%',
  '%(ab)+%',
  '%caf\u00e9%',
  '{ $.a = %a% && $.b = %b% && $.c = %c% }',
  '[..., a, ...]',
  '{ $.a[*].b[*] = 1 }',
  '{ $.a[*] = 1 || $.b[*] = 1 || $.c[*] = 1 || $.d[*] = 1 }',
])('the filter %s is refused', (pattern) => {
  expect(() => compileLogFilter(pattern)).toThrow(InvalidLogFilter)
})

test('the values that a pattern names are told by their selectors', () => {
  expect(compileLogFilter('[ip, ..., status, bytes]').extracted(access)).toEqual({
    $ip: '127.0.0.1',
    $2: 'Prod',
    $3: 'frank',
    $4: '10/Oct/2000:13:25:15 -0700',
    $5: 'GET /index.html HTTP/1.0',
    $status: '404',
    $bytes: '1534',
  })
  expect(compileLogFilter('{ $.latency > 1 && $.objectList[1].name = "b" }').extracted(json)).toEqual({
    '$.latency': '1500.5',
    '$.objectList[1].name': 'b',
  })
  expect(compileLogFilter('{ $.flag IS TRUE }').valueOf(json, '$.latency')).toBe(1500.5)
  expect(compileLogFilter('ERROR').extracted('ERROR')).toEqual({})
})
