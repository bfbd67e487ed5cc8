/** JSON, XML, Grok, packed files, exclude patterns and folders: what is inferred, without a server. */
import { execFileSync } from 'node:child_process'
import { gzipSync } from 'node:zlib'
import { strToU8, zipSync } from 'fflate'
import { expect, test } from 'vitest'
import { classified } from '../../src/engines/inference/classification.ts'
import { isExcluded } from '../../src/engines/inference/exclusions.ts'
import type { CustomClassifier, FileSchema } from '../../src/engines/inference/fileSchema.ts'
import { type CrawledFile, tablesAmong } from '../../src/engines/inference/folders.ts'
import { hiveText } from '../../src/engines/inference/inferredTypes.ts'
import { unpacked } from '../../src/engines/inference/unpacking.ts'

const sampleMax = 1024 * 1024

function schemaOf(text: string, ...classifiers: CustomClassifier[]): FileSchema {
  return classified({ bytes: Buffer.from(text), isWhole: true, compression: 'none' }, classifiers)
}

const columnsOf = (schema: FileSchema) => schema.columns.map(({ name, type }) => `${name} ${hiveText(type)}`)

test.each([
  ['lines', '{"a":1}\n{"b":[1,2.5]}\n', ['a int', 'b array<double>']],
  ['over many lines', '{\n "a": {\n  "b": null }\n}\n{"a":{"b":"x","c":3000000000}}', ['a struct<b:string,c:bigint>']],
  ['one array', '[{"a":1},{"a":"x"}]', ['array array<struct<a:string>>']],
  ['a number and text', '{"a":1}\n{"a":"x"}', ['a string']],
  ['names that differ by case', '{"Id":1}\n{"id":2}', ['id int']],
  ['a number with a point', '{"a":1.0}', ['a double']],
])('JSON: %s', (_, text, expected) => {
  expect(columnsOf(schemaOf(text))).toEqual(expected)
})

test('a JSON path says what a record is', () => {
  const text = '{"pedidos": [{"id": 1, "itens": [{"sku": "x"}]}, {"id": 2, "itens": [{"sku": "y", "q": 3}]}]}'
  expect(columnsOf(schemaOf(text, { kind: 'json', jsonPath: '$.pedidos[*]' }))).toEqual([
    'id int',
    'itens array<struct<sku:string,q:int>>',
  ])
  expect(columnsOf(schemaOf(text, { kind: 'json', jsonPath: '$.pedidos[*].itens[*]' }))).toEqual([
    'sku string',
    'q int',
  ])
})

test('a JSON sample that is cut in a record leaves the record out', () => {
  const text = Buffer.from('{"a":1}\n{"a":2,"b":"unfini')
  expect(columnsOf(classified({ bytes: text, isWhole: false, compression: 'none' }, []))).toEqual(['a int'])
})

test('XML by its row tag', () => {
  const text =
    '<?xml version="1.0"?><vendas><venda id="7"><valor moeda="BRL">1.5</valor><item>a</item><item>b</item></venda><venda id="8"><valor moeda="BRL">2</valor></venda></vendas>'
  const schema = schemaOf(text, { kind: 'xml', classification: 'vendas_xml', rowTag: 'venda' })
  expect(schema.classification).toBe('vendas_xml')
  expect(columnsOf(schema)).toEqual(['_id bigint', 'valor struct<_moeda:string,_VALUE:double>', 'item array<string>'])
})

test('Grok by patterns of the library and of the user', () => {
  const text = '2025-10-20T10:00:00Z ERROR loja-123 [37] caiu\n2025-10-20T10:00:01Z INFO loja-7 [8] voltou\n'
  const schema = schemaOf(text, {
    kind: 'grok',
    classification: 'app',
    pattern: '%{TIMESTAMP_ISO8601:Quando} %{LOGLEVEL:nivel} %{LOJA:loja} \\[%{INT:codigo:int}\\] %{GREEDYDATA:texto}',
    customPatterns: 'LOJA loja-[0-9]+',
  })
  expect(columnsOf(schema)).toEqual(['quando string', 'nivel string', 'loja string', 'codigo int', 'texto string'])
})

test('logs of Apache are known without a classifier', () => {
  const line = '10.0.0.1 - frank [10/Oct/2025:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326'
  expect(schemaOf(`${line}\n${line}\n`).classification).toBe('apache')
})

test('what is packed is unpacked, whole or in part', () => {
  const text = Buffer.from(Array.from({ length: 40_000 }, (_, n) => `${n},linha ${n % 7}\n`).join(''))
  const packings: [string, Buffer][] = [
    ['gzip', gzipSync(text)],
    ['bzip2', execFileSync('bzip2', ['-c'], { input: text })],
    ['zip', Buffer.from(zipSync({ 'a.csv': strToU8(text.toString()) }))],
    ['none', text],
  ]
  for (const [compression, bytes] of packings) {
    const whole = unpacked({ bytes, isWhole: true }, 'a', 10 * sampleMax)
    expect(whole?.compression).toBe(compression)
    expect(whole?.bytes.equals(text)).toBe(true)
  }
  const half = gzipSync(text)
  const part = unpacked({ bytes: half.subarray(0, half.length / 2), isWhole: false }, 'a', sampleMax)
  expect(text.toString().startsWith(part?.bytes.toString() ?? 'nothing')).toBe(true)
  expect(unpacked({ bytes: Buffer.from('BZh9 broken'), isWhole: true }, 'a', sampleMax)).toBeUndefined()
})

test.each([
  ['*.csv', 'a.csv', true],
  ['*.csv', 'x/a.csv', false],
  ['**.csv', 'x/a.csv', true],
  ['fora/**', 'fora/x/a', true],
  ['*.{tmp,bak}', 'a.bak', true],
  ['dia=2025-1[!2]-*', 'dia=2025-12-01', false],
  ['dia=2025-1[!2]-*', 'dia=2025-11-01', true],
  ['a?c', 'abc', true],
  ['a\\*', 'a*', true],
])('the pattern %s and the path %s', (pattern, path, expected) => {
  expect(isExcluded([pattern])(path)).toBe(expected)
})

const csv = (header: string, row: string) => schemaOf(`${header}\n${row}\n${row}\n`)
const one = csv('id,nome,valor', '1,a,2.5')
const other = csv('x,y,z', '1,2,3')
const file = (key: string, schema = one): CrawledFile => ({ key, bytes: 10, schema })
const shapes = (files: CrawledFile[], rules = {}) =>
  tablesAmong(files, 'r/', { combines: false, ...rules }).map(({ prefix, keys, partitions }) => [
    prefix,
    keys.join(','),
    partitions.length,
  ])

test('folders are tables or partitions by how like they are', () => {
  expect(shapes([file('r/a/1.csv'), file('r/b/1.csv')])).toEqual([['r/', 'partition_0', 2]])
  expect(shapes([file('r/a/1.csv'), file('r/b/1.csv', other)])).toEqual([
    ['r/a/', '', 0],
    ['r/b/', '', 0],
  ])
  expect(shapes([file('r/a/1.csv'), file('r/b/1.csv', other)], { combines: true })).toEqual([['r/', 'partition_0', 2]])
  expect(shapes([file('r/a/dia=1/1.csv'), file('r/a/dia=2/1.csv')])).toEqual([['r/a/', 'dia', 2]])
  expect(shapes([file('r/a/dia=1/1.csv'), file('r/b/dia=1/1.csv')], { level: 3 })).toEqual([
    ['r/a/', 'dia', 1],
    ['r/b/', 'dia', 1],
  ])
  expect(shapes([file('r/1.csv'), file('r/a/1.csv')])).toEqual([
    ['r/1.csv', '', 0],
    ['r/a/', '', 0],
  ])
})
