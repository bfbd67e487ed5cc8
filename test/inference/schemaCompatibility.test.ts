/** Which version of a schema may follow which: by table, for Avro and for JSON. */
import { expect, test } from 'vitest'
import { isCompatible, mistakeIn } from '../../src/engines/schemaRegistry/compatibility.ts'

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
  expect(isCompatible({ format: 'AVRO', mode: 'BACKWARD' }, newer, [older])).toBe(backward)
  expect(isCompatible({ format: 'AVRO', mode: 'FORWARD' }, newer, [older])).toBe(forward)
  expect(isCompatible({ format: 'AVRO', mode: 'FULL' }, newer, [older])).toBe(backward && forward)
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
  expect(isCompatible({ format: 'JSON', mode: 'BACKWARD' }, newer, [older])).toBe(backward)
  expect(isCompatible({ format: 'JSON', mode: 'FORWARD' }, newer, [older])).toBe(forward)
})

test('modes of ALL look at every version', () => {
  const versions = [record(id, nome), record(id, optional)]
  const withoutDefault = record(id, { name: 'nome', type: ['null', 'string'] })
  const only = record({ name: 'nome', type: 'string', default: '' })
  expect(isCompatible({ format: 'AVRO', mode: 'BACKWARD' }, withoutDefault, versions)).toBe(true)
  expect(isCompatible({ format: 'AVRO', mode: 'BACKWARD_ALL' }, only, [record(id), record(nome)])).toBe(true)
  expect(isCompatible({ format: 'AVRO', mode: 'BACKWARD_ALL' }, record(nome), [record(id), record(nome)])).toBe(false)
  expect(isCompatible({ format: 'AVRO', mode: 'BACKWARD' }, record(nome), [record(id), record(nome)])).toBe(true)
})

test.each([
  ['AVRO', '{"type":"record","name":"x"}', 'Record has no fields: x'],
  ['AVRO', '{"type":"record","name":"x","fields":[{"name":"a","type":"data"}]}', 'Undefined name: "data"'],
  ['AVRO', record(id), undefined],
  ['JSON', '{"type":"texto"}', 'texto is not a type.'],
  ['JSON', object({ a: { type: ['string', 'null'] } }), undefined],
] as const)('%s: what is wrong with %s', (format, definition, mistake) => {
  expect(mistakeIn(format, definition)).toBe(mistake)
})
