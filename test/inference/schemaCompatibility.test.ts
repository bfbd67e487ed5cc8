/** Which version of a schema may follow which: by table, for Avro, JSON and Protobuf. */
import { expect, test } from 'vitest'
import { isCompatible, languageOf } from '../../src/engines/schemaRegistry/compatibility.ts'

const [avroLanguage, jsonLanguage, protobufLanguage] = [
  await languageOf('AVRO'),
  await languageOf('JSON'),
  await languageOf('PROTOBUF'),
]

const record = (...fields: object[]) => JSON.stringify({ type: 'record', name: 'Venda', fields })
const id = { name: 'id', type: 'int' }
const nome = { name: 'nome', type: 'string' }
const optional = { name: 'nome', type: ['null', 'string'], default: null }

const avro: [string, string, string, boolean, boolean][] = [
  ['an optional field is added', record(id), record(id, optional), true, true],
  ['a required field is added', record(id), record(id, nome), false, true],
  ['a required field is removed', record(id, nome), record(id), true, false],
  ['int becomes long', record(id), record({ name: 'id', type: 'long' }), true, false],
  ['long becomes int', record({ name: 'id', type: 'long' }), record(id), false, true],
  [
    'a union takes one more',
    record({ name: 'id', type: ['int'] }),
    record({ name: 'id', type: ['int', 'string'] }),
    true,
    false,
  ],
  [
    'a field is renamed with an alias',
    record(id),
    record({ name: 'codigo', type: 'int', aliases: ['id'] }),
    true,
    false,
  ],
  ['the record is renamed', record(id), record(id).replace('Venda', 'Compra'), false, false],
  [
    'an enum has one more symbol',
    '{"type":"enum","name":"E","symbols":["a"]}',
    '{"type":"enum","name":"E","symbols":["a","b"]}',
    true,
    false,
  ],
  [
    'a list of itself',
    '{"type":"record","name":"N","fields":[{"name":"next","type":["null","N"]}]}',
    '{"type":"record","name":"N","fields":[{"name":"next","type":["null","N"]},{"name":"x","type":"int","default":0}]}',
    true,
    true,
  ],
]

test.each(avro)('Avro: %s', (_, older, newer, backward, forward) => {
  expect(isCompatible({ language: avroLanguage, mode: 'BACKWARD' }, newer, [older])).toBe(backward)
  expect(isCompatible({ language: avroLanguage, mode: 'FORWARD' }, newer, [older])).toBe(forward)
  expect(isCompatible({ language: avroLanguage, mode: 'FULL' }, newer, [older])).toBe(backward && forward)
})

const object = (properties: object, more: object = {}) => JSON.stringify({ type: 'object', properties, ...more })

const json: [string, string, string, boolean, boolean][] = [
  [
    'an optional property is added',
    object({ a: { type: 'string' } }),
    object({ a: { type: 'string' }, b: { type: 'integer' } }),
    true,
    true,
  ],
  ['a property becomes required', object({ a: {} }), object({ a: {} }, { required: ['a'] }), false, true],
  ['integer becomes number', object({ a: { type: 'integer' } }), object({ a: { type: 'number' } }), true, false],
  ['the object is closed', object({ a: {} }), object({ a: {} }, { additionalProperties: false }), false, true],
  ['a bound is narrowed', object({ a: { maximum: 10 } }), object({ a: { maximum: 5 } }), false, true],
  ['a value is added to an enum', object({ a: { enum: [1] } }), object({ a: { enum: [1, 2] } }), true, false],
]

test.each(json)('JSON: %s', (_, older, newer, backward, forward) => {
  expect(isCompatible({ language: jsonLanguage, mode: 'BACKWARD' }, newer, [older])).toBe(backward)
  expect(isCompatible({ language: jsonLanguage, mode: 'FORWARD' }, newer, [older])).toBe(forward)
})

const proto2 = (body: string, more = '') => `syntax = "proto2"; package loja; message Venda { ${body} } ${more}`
const proto3 = (body: string, more = '') => `syntax = "proto3"; package loja; message Venda { ${body} } ${more}`

const protobuf: [string, string, string, boolean, boolean][] = [
  ['an optional field is added', proto3('int32 id = 1;'), proto3('int32 id = 1; string nome = 2;'), true, true],
  ['an optional field is removed', proto3('int32 id = 1; string nome = 2;'), proto3('int32 id = 1;'), true, true],
  [
    'a required field is added',
    proto2('required int32 id = 1;'),
    proto2('required int32 id = 1; required string nome = 2;'),
    false,
    true,
  ],
  [
    'a required field is removed',
    proto2('required int32 id = 1; required string nome = 2;'),
    proto2('required int32 id = 1;'),
    true,
    false,
  ],
  ['a field is renamed', proto3('int32 id = 1;'), proto3('int32 codigo = 1;'), true, true],
  ['a number gets another kind', proto3('int32 id = 1;'), proto3('string id = 1;'), false, false],
  ['int32 becomes int64', proto3('int32 id = 1;'), proto3('int64 id = 1;'), true, true],
  ['a field becomes a list', proto3('string id = 1;'), proto3('repeated string id = 1;'), false, false],
  ['a map gets other keys', proto3('map<string, int32> m = 1;'), proto3('map<fixed32, int32> m = 1;'), false, false],
  [
    'a message is added, with an optional field of it',
    proto3('int32 id = 1;'),
    proto3('int32 id = 1; optional Lugar lugar = 2;', 'message Lugar { double x = 1; }'),
    true,
    false,
  ],
  [
    'fields become alternatives',
    proto3('int32 a = 1; string b = 2;'),
    proto3('oneof x { int32 a = 1; string b = 2; }'),
    false,
    true,
  ],
  ['the package is renamed', proto3('int32 id = 1;'), proto3('int32 id = 1;').replace('loja', 'outra'), false, false],
  [
    'a field of an imported message is added',
    proto3('int32 id = 1;'),
    `syntax = "proto3"; import "google/protobuf/timestamp.proto"; package loja; message Venda { int32 id = 1; google.protobuf.Timestamp em = 2; }`,
    true,
    false,
  ],
]

test.each(protobuf)('Protobuf: %s', (_, older, newer, backward, forward) => {
  const rule = (mode: string) => isCompatible({ language: protobufLanguage, mode }, newer, [older])
  expect([rule('BACKWARD'), rule('FORWARD'), rule('FULL')]).toEqual([backward, forward, backward && forward])
})

test('modes of ALL look at every version', () => {
  const versions = [record(id, nome), record(id, optional)]
  const withoutDefault = record(id, { name: 'nome', type: ['null', 'string'] })
  const only = record({ name: 'nome', type: 'string', default: '' })
  expect(isCompatible({ language: avroLanguage, mode: 'BACKWARD' }, withoutDefault, versions)).toBe(true)
  expect(isCompatible({ language: avroLanguage, mode: 'BACKWARD_ALL' }, only, [record(id), record(nome)])).toBe(true)
  expect(isCompatible({ language: avroLanguage, mode: 'BACKWARD_ALL' }, record(nome), [record(id), record(nome)])).toBe(
    false,
  )
  expect(isCompatible({ language: avroLanguage, mode: 'BACKWARD' }, record(nome), [record(id), record(nome)])).toBe(
    true,
  )
})

test.each([
  ['AVRO', '{"type":"record","name":"x"}', 'Record has no fields: x'],
  ['AVRO', '{"type":"record","name":"x","fields":[{"name":"a","type":"data"}]}', 'Undefined name: "data"'],
  ['AVRO', record(id), undefined],
  ['JSON', '{"type":"texto"}', 'texto is not a type.'],
  ['JSON', object({ a: { type: ['string', 'null'] } }), undefined],
  ['PROTOBUF', proto3('int32 id = 1;'), undefined],
  ['PROTOBUF', proto3('Lugar lugar = 1;'), "no such Type or Enum 'Lugar' in Type .loja.Venda"],
  ['PROTOBUF', proto3('int32 a = 1; int32 b = 1;'), 'duplicate id 1 in Type Venda'],
  [
    'PROTOBUF',
    'syntax = "proto3"; import "loja/outro.proto"; message A {}',
    'The import loja/outro.proto is not known.',
  ],
  ['PROTOBUF', 'syntax = "proto3";', 'The schema has no message.'],
  ['PROTOBUF', proto2('extensions 100 to 200;'), 'Groups and extensions are not supported: loja.Venda.'],
  [
    'PROTOBUF',
    proto2('repeated group G = 1 { optional int32 a = 2; }'),
    'Groups and extensions are not supported: loja.Venda.G.',
  ],
] as const)('%s: what is wrong with %s', async (format, definition, mistake) => {
  expect((await languageOf(format)).mistakeIn(definition)).toBe(mistake)
})
