/** Which delimiter, which header, which types: the rules of the CSV classifier by table. */
import { expect, test } from 'vitest'
import { delimitedSchema } from '../../src/engines/inference/delimitedText.ts'
import type { CsvSettings } from '../../src/engines/inference/fileSchema.ts'
import { hiveText } from '../../src/engines/inference/inferredTypes.ts'

function columnsOf(text: string, settings?: Partial<CsvSettings>): string[] | undefined {
  const all: CsvSettings = { header: 'UNKNOWN', keepsBlanks: false, allowsOneColumn: false, ...settings }
  const schema = delimitedSchema({ bytes: Buffer.from(text), isWhole: true }, 'none', all)
  return schema?.columns.map(({ name, type }) => `${name} ${hiveText(type)}`)
}

const cases: [string, string, string[] | undefined][] = [
  ['a header is text above other types', 'Id,Nome\n1,Ana\n2,Bia\n', ['id bigint', 'nome string']],
  ['all text has no header', 'id,nome\nx,Ana\ny,Bia\n', ['col0 string', 'col1 string']],
  ['numbers on top are no header', '1,2\n3,4\n', ['col0 bigint', 'col1 bigint']],
  ['semicolons', 'a;b\n1;2,5\n3;4,5\n', ['a bigint', 'b string']],
  ['pipes', 'a|b\n1|2.5\n', ['a bigint', 'b double']],
  ['tabs', 'a\tb\n1\t-3\n', ['a bigint', 'b bigint']],
  ['Ctrl-A', 'a\u0001b\n1\u0001true\n', ['a bigint', 'b boolean']],
  ['quotes hold delimiters and line ends', 'a,b\n"x,\n""y""",1\nz,2\n', ['a string', 'b bigint']],
  ['whole numbers beyond 64 bits are doubles', 'a,b\n1,99999999999999999999\n', ['a bigint', 'b double']],
  ['dates stay text', 'a,b\n1,2025-10-20\n', ['a bigint', 'b string']],
  ['an empty column is text', 'a,b\n1,\n2,\n', ['a bigint', 'b string']],
  ['a name above a longer row twice', 'a,a\n1,2\n', ['a bigint', 'a_1 bigint']],
  ['Windows line ends', 'a,b\r\n1,2\r\n', ['a bigint', 'b bigint']],
  ['one column is not enough', 'a\n1\n2\n', undefined],
  ['one row is not enough', 'a,b\n', undefined],
  ['prose is no table', 'Era uma vez, na floresta\num rio\nque corria\npara o mar\n', undefined],
]

test.each(cases)('%s', (_, text, expected) => {
  expect(columnsOf(text)).toEqual(expected)
})

test('a custom classifier says what is not to be guessed', () => {
  expect(columnsOf('a\n1\n', { allowsOneColumn: true, header: 'ABSENT' })).toEqual(['col0 string'])
  expect(columnsOf('x,y\nz,w\n', { header: 'PRESENT' })).toEqual(['x string', 'y string'])
  expect(columnsOf('1,2\n3,4\n', { names: ['um', 'dois'] })).toEqual(['um bigint', 'dois bigint'])
  expect(columnsOf("a#b\n'x#y'#1\n", { delimiter: '#', quote: "'" })).toEqual(['a string', 'b bigint'])
})

test('a custom classifier chooses among its own types', () => {
  const datatypes = ['SHORT', 'INT', 'DECIMAL', 'DATE', 'TIMESTAMP']
  const text = 'a,b,c,d,e\n1,70000,10.50,2025-10-20,2025-10-20 10:00:00\n2,1,7.255,2025-10-21,2025-10-21 11:00:00\n'
  expect(columnsOf(text, { datatypes, header: 'PRESENT' })).toEqual([
    'a smallint',
    'b int',
    'c decimal(5,3)',
    'd date',
    'e timestamp',
  ])
})
