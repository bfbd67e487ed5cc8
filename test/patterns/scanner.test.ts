/** The scanners: what they refuse, what they find in events of any size and spelling, and how they are built. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { buildScanner, generatedFile } from '../../scripts/scanner.ts'
import { InvalidEvent } from '../../src/engines/patterns/flattening.ts'
import { compilePattern } from '../../src/engines/patterns/pattern.ts'
import { RuleSet } from '../../src/engines/patterns/ruleSet.ts'
import { byteScanner } from '../../src/engines/patterns/scanner/byteScanner.ts'
import { FieldTree } from '../../src/engines/patterns/scanner/fieldTree.ts'
import { type EventScanner, wasmScanner } from '../../src/engines/patterns/scanner/wasmScanner.ts'
import { Chance, randomPair } from './randomPairs.ts'

const ways = [{ plain: false }, { plain: true }]

function matches(pattern: object, event: string | Uint8Array, settings: { plain: boolean }): boolean {
  const rules = new RuleSet(settings)
  rules.add('rule', compilePattern(JSON.stringify(pattern)))
  return rules.match(event).length === 1
}

test('the committed module is what the source builds', async () => {
  expect(readFileSync(generatedFile, 'utf8')).toBe(await buildScanner())
})

test.each(ways)('whatever JSON.parse refuses is refused, also where no rule looks (%j)', (settings) => {
  const rules = new RuleSet(settings)
  rules.add('rule', compilePattern('{"a":[1]}'))
  const chance = new Chance(3)
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '"a"',
    '1',
    '-',
    '.',
    '0',
    'e5',
    'true',
    'nul',
    ' ',
    '\n',
    '\u0001',
    '\\u00g0',
    'é',
    '',
  ]
  let refused = 0
  for (let round = 0; round < 20_000; round++) {
    const event = round % 2 === 0 ? randomPair(chance).event : longEvent(chance)
    const at = chance.below(event.length)
    const broken = event.slice(0, at) + chance.pick(pieces) + event.slice(at + chance.below(3))
    const isValid = isObject(broken)
    if (!isValid) refused++
    let took = true
    try {
      rules.match(broken)
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidEvent)
      took = false
    }
    if (took !== isValid) expect.fail(`${broken} was ${took ? 'taken' : 'refused'}`)
  }
  expect(refused).toBeGreaterThan(5_000)
})

test.each(ways)('a field is found wherever blocks of 64 bytes begin and end (%j)', (settings) => {
  const rules = new RuleSet(settings)
  rules.add('rule', compilePattern('{"a":{"b":["x\\"y"]},"n":[{"numeric":["=",-12.5]}],"t":[true]}'))
  for (let padding = 0; padding < 200; padding++) {
    for (const space of ['', ' ', '\n\t  ']) {
      const skipped = `"s":[${space}"${'\\\\'.repeat(padding)}",{${space}}${space},[${space}],null,0.25]`
      const event = `${space}{${space}${skipped}${space},${space}"a":{"b"${space}:${space}"x\\"y"${space}},"n":-12.5,"t":${space}true}${space}`
      expect(rules.match(event)).toEqual(['rule'])
    }
  }
})

test.each([
  ['in WebAssembly', () => wasmScanner() as EventScanner],
  ['in plain JavaScript', byteScanner],
])('the scanner %s finds the fields of plain events itself, and leaves them to nobody', (_where, make) => {
  const scanner = make()
  const tree = new FieldTree(scanner.memory)
  for (const [number, path] of ['detail.name', 'detail.size', 'list.x', 'last'].entries()) tree.add(path, number)
  for (let items = 0; items < 60; items++) {
    for (const space of [undefined, 2]) {
      const unwanted = Array.from({ length: items }, (_, at) => ({ y: -0.5 * at, z: [0, true], name: `n${at}` }))
      const detail = { unwanted, name: 'é', size: -12.75 }
      const event = JSON.stringify({ detail, list: [{ x: 1 }, { x: null, y: unwanted }], last: 'end' }, null, space)

      expect(scanner.scan(scanner.memory.write(event) as number, tree.root)).toBe(5)
    }
  }
})

test.each(ways)('what the scan leaves alone is found all the same (%j)', (settings) => {
  expect(matches({ a: { b: [1] } }, '{"\\u0061":{"b":1}}', settings)).toBe(true)
  expect(matches({ a: [100] }, '{"a":1e2}', settings)).toBe(true)
  expect(matches({ a: { b: ['ü'] } }, '{"a.b":"\\u00fc"}', settings)).toBe(true)
  expect(matches({ a: ['deep'] }, `{"x":${'['.repeat(500)}${']'.repeat(500)},"a":"deep"}`, settings)).toBe(true)
  expect(matches({ a: [5_000] }, JSON.stringify({ a: Array.from({ length: 6_000 }, (_, at) => at) }), settings)).toBe(
    true,
  )
  expect(matches({ a: ['end'] }, JSON.stringify({ x: 'x'.repeat(3_000_000), a: 'end' }), settings)).toBe(true)
})

test.each(ways)('bytes are taken like text, and refused where they are no UTF-8 (%j)', (settings) => {
  expect(matches({ a: ['日本'] }, Buffer.from('{"a":"日本"}'), settings)).toBe(true)
  expect(() =>
    matches({ a: [1] }, Buffer.from([...Buffer.from('{"b":"'), 0xff, ...Buffer.from('"}')]), settings),
  ).toThrow(InvalidEvent)
})

test.each(ways)('ten thousand rules on as many fields come and go (%j)', (settings) => {
  const rules = new RuleSet(settings)
  const pattern = (at: number) => compilePattern(JSON.stringify({ detail: { [`field-${at}`]: [at] } }))
  for (let at = 0; at < 10_000; at++) rules.add(`rule-${at}`, pattern(at))
  for (let at = 0; at < 9_990; at++) rules.remove(`rule-${at}`)
  for (let at = 0; at < 5; at++) rules.add(`rule-${at}`, pattern(at))

  expect(rules.match('{"detail":{"field-3":3,"field-9995":9995,"field-700":700}}').sort()).toEqual([
    'rule-3',
    'rule-9995',
  ])
})

/** Longer than the blocks that the scan reads at once, most of it where no rule looks. */
function longEvent(chance: Chance): string {
  const corner = () =>
    `{"x":${chance.pick(['-1', '0.5', '-122.41600944012424'])},"y":[${chance.pick(['', '{}', '[1]'])}]}`
  const flat = () => `{"x":-12.75,"name":"${'n'.repeat(chance.below(40))}"}`
  const list = (item: () => string) => `[${Array.from({ length: chance.below(9) }, item).join()}]`
  return `{"b":${list(chance.pick([corner, flat]))},"c":{"d":${list(flat)},"e":null},"a":1}`
}

function isObject(json: string): boolean {
  try {
    const value = JSON.parse(json) as unknown
    return value !== null && typeof value === 'object' && !Array.isArray(value)
  } catch {
    return false
  }
}
