/** DynamicFrames: records whose fields are of several types, and what the transforms make of them. */
import { expect } from 'vitest'
import { test, writesElsewhere } from './engine.ts'

const begin = `from awsglue.context import GlueContext
from awsglue.transforms import *
from awsglue.dynamicframe import *
from awsglue.gluetypes import *
from pyspark.context import SparkContext
glue = GlueContext(SparkContext.getOrCreate())
spark = glue.spark_session
def read(path, format='json', **options):
    return glue.create_dynamic_frame.from_options('s3', {'paths': [f's3://lago/{path}']}, format, options)
def rows(frame):
    return sorted((tuple(row) for row in frame.toDF().collect()), key=str)
`

const lines = (...records: object[]) => `${records.map((record) => JSON.stringify(record)).join('\n')}\n`

test('a field that is a number in one file and text in another keeps both until it is resolved', async ({ jobs }) => {
  jobs.put('lago', 'raw/a.json', lines({ id: 1, preco: 10 }, { id: 2, preco: 2.5 }))
  jobs.put('lago', 'raw/b.json', lines({ id: 3, preco: '12' }, { id: 4, preco: 'caro' }))

  const { output, end } = await jobs.run(`${begin}
frame = read('raw/')
frame.printSchema()
print(frame.schema().getField('preco').dataType)
print(rows(frame))
for spec in ('cast:double', 'project:string', 'make_cols', 'make_struct'):
    print(spec, rows(frame.resolveChoice(specs=[('preco', spec)]).apply_mapping(
        [('id', 'int', 'id', 'long'), ('preco', 'double', 'preco', 'double')] if spec.startswith('cast') else
        [('id', 'id'), *[(field.name, field.name) for field in frame.resolveChoice(specs=[('preco', spec)]).schema() if field.name != 'id']])))
print(ResolveChoice.apply(frame, choice='make_cols').toDF().columns)
print(rows(frame.toDF([ResolveOption('preco', 'Project', DoubleType())]).limit(0) and frame.resolveChoice(choice='cast:string')))
frame.show(2)
`)

  expect(end.kind).toBe('succeeded')
  expect(output.split('\n')).toEqual([
    'root',
    '|-- id: int',
    '|-- preco: choice',
    '|    |-- double',
    '|    |-- int',
    '|    |-- string',
    'ChoiceType(DoubleType(), IntegerType(), StringType())',
    "[(1, Row(double=None, int=10, string=None)), (2, Row(double=2.5, int=None, string=None)), (3, Row(double=None, int=None, string='12')), (4, Row(double=None, int=None, string='caro'))]",
    'cast:double [(1, 10.0), (2, 2.5), (3, 12.0), (4, None)]',
    "project:string [(1, '10'), (2, '2.5'), (3, '12'), (4, 'caro')]",
    "make_cols [(1, None, 10, None), (2, 2.5, None, None), (3, None, None, '12'), (4, None, None, 'caro')]",
    "make_struct [(1, Row(double=None, int=10, string=None)), (2, Row(double=2.5, int=None, string=None)), (3, Row(double=None, int=None, string='12')), (4, Row(double=None, int=None, string='caro'))]",
    "['id', 'preco_double', 'preco_int', 'preco_string']",
    "[(1, '10'), (2, '2.5'), (3, '12'), (4, 'caro')]",
    '{"id": 1, "preco": 10}',
    '{"id": 2, "preco": 2.5}',
    '',
  ])
})

test('choices deep inside of structs and arrays are resolved by their path', async ({ jobs }) => {
  jobs.put(
    'lago',
    'raw/a.json',
    lines({ a: { b: 1 }, l: [{ p: 100.5 }, { p: '$7' }] }, { a: { b: 'x' }, l: [] }, { a: null }),
  )

  const { output } = await jobs.run(`${begin}
frame = read('raw/')
print(rows(frame.resolveChoice(specs=[('a.b', 'cast:string'), ('l[].p', 'cast:double')])))
print(rows(frame.resolveChoice(choice='make_struct').select_fields(['a'])))
print(rows(frame.resolveChoice(specs=[('a.b', 'make_cols')]).drop_fields(['l'])))
for bad in (dict(), dict(specs=[('a.b', 'cast:string')], choice='make_cols'), dict(choice='guess')):
    try:
        frame.resolveChoice(**bad)
    except (ValueError, NotImplementedError) as error:
        print(error)
`)

  expect(output.split('\n')).toEqual([
    "[(None, None), (Row(b='1'), [Row(p=100.5), Row(p=None)]), (Row(b='x'), [])]",
    "[(None,), (Row(b=Row(int=1, string=None)),), (Row(b=Row(int=None, string='x')),)]",
    "[(None,), (Row(b_int=1, b_string=None),), (Row(b_int=None, b_string='x'),)]",
    'resolveChoice needs specs or choice.',
    'Only one of specs and choice can be given to resolveChoice.',
    "awsglue: resolveChoice with the action 'guess' is not implemented by Igarapé.",
    '',
  ])
})

test('fields at any depth are mapped, renamed, dropped and selected', async ({ jobs }) => {
  jobs.put('lago', 'raw/a.json', lines({ id: 7, nome: { curto: 'a', longo: 'ana' }, vazio: null }))

  const { output } = await jobs.run(`${begin}
frame = read('raw/')
mapped = ApplyMapping.apply(frame=frame, mappings=[('id', 'int', 'pessoa.id', 'string'), ('nome.longo', 'string', 'pessoa.nome', 'string'),
                                                   ('nome.curto', 'string', 'curto', 'string'), ('falta', 'string', 'falta', 'string')])
mapped.printSchema()
print(rows(mapped))
print(rows(frame.rename_field('nome.curto', 'nome.c').rename_field('id', '\`com.ponto\`').drop_fields(['nome.longo', 'vazio'])),
      frame.rename_field('id', '\`com.ponto\`').toDF().columns)
print(frame.select_fields(['nome.longo', 'id']).toDF().dtypes, frame.unnest().toDF().columns, DropNullFields.apply(frame).toDF().columns)
print({name: part.toDF().columns for name, part in frame.split_fields(['id'], 'um', 'resto').items()})
`)

  expect(output.split('\n')).toEqual([
    'root',
    '|-- pessoa: struct',
    '|    |-- id: string',
    '|    |-- nome: string',
    '|-- curto: string',
    "[(Row(id='7', nome='ana'), 'a')]",
    "[(7, Row(c='a'))] ['com.ponto', 'nome', 'vazio']",
    "[('nome', 'struct<longo:string>'), ('id', 'int')] ['id', 'nome.curto', 'nome.longo', 'vazio'] ['id', 'nome']",
    "{'um': ['id'], 'resto': ['nome', 'vazio']}",
    '',
  ])
})

test('relationalize makes a table of each array, and joins lead back', async ({ jobs }) => {
  jobs.put(
    'lago',
    'raw/a.json',
    lines(
      {
        id: 1,
        end: { cidade: 'Belém' },
        fones: [
          { n: '11', tags: ['a', 'b'] },
          { n: '12', tags: [] },
        ],
      },
      { id: 2, end: null, fones: [{ n: '21', tags: ['c'] }] },
    ),
  )

  const { output } = await jobs.run(`${begin}
tables = Relationalize.apply(frame=read('raw/'), staging_path='s3://lago/temp/', name='root')
for name in tables.keys():
    print(name, tables.select(name).toDF().columns, rows(tables[name]))
phones = tables.select('root').join(['fones'], ['id'], tables.select('root_fones'))
print(sorted((row['id'], row['fones.val.n']) for row in phones.toDF().collect()))
print(len(tables), SelectFromCollection.apply(dfc=tables, key='root').count())
`)

  expect(output.split('\n')).toEqual([
    "root ['id', 'end.cidade', 'fones'] [(1, 'Belém', 1), (2, None, 2)]",
    "root_fones ['id', 'index', 'fones.val.n', 'fones.val.tags'] [(1, 0, '11', 1), (1, 1, '12', 2), (2, 0, '21', 3)]",
    "root_fones.val.tags ['id', 'index', 'fones.val.tags.val'] [(1, 0, 'a'), (1, 1, 'b'), (3, 0, 'c')]",
    "[(1, '11'), (1, '12'), (2, '21')]",
    '3 2',
    '',
  ])
})

test('functions of a script see records as dicts, and a record that fails is counted, kept aside, and held to thresholds', async ({
  jobs,
}) => {
  jobs.put('lago', 'raw/a.json', lines({ id: 1, v: '5' }, { id: 2, v: 'x' }, { id: 3, v: '7' }))

  const { output, errors, end } = await jobs.run(`${begin}
def number(record):
    record['n'] = int(record['v'])
    record['de'] = {'id': record['id']}
    del record['v']
    return record
frame = read('raw/')
mapped = Map.apply(frame=frame, f=number)
print(rows(mapped), mapped.errorsCount(), mapped.stageErrorsCount())
failed = ErrorsAsDynamicFrame.apply(mapped).toDF().collect()[0].error
print(failed.msg, failed.dynamicRecord)
kept = Filter.apply(frame=mapped, f=lambda record: record['de']['id'] > 1 and record['n'] > 1)
print(rows(kept), kept.errorsCount(), kept.stageErrorsCount())
Map.apply(frame=frame, f=number, stageThreshold=1)
`)

  expect(output.split('\n')).toEqual([
    '[(1, 5, Row(id=1)), (3, 7, Row(id=3))] 1 1',
    "ValueError: invalid literal for int() with base 10: 'x' Row(id=2, v='x')",
    '[(3, 7, Row(id=3))] 1 0',
    '',
  ])
  expect(errors).toContain('Map: a record failed, and is left out: ValueError')
  expect(end).toMatchObject({ errorMessage: expect.stringContaining('the threshold of errors is reached') })
})

test.skipIf(writesElsewhere())(
  'frames are united, merged by keys, split by rows, unboxed, and freed of DynamoDB marks',
  async ({ jobs }) => {
    jobs.put('lago', 'a/a.json', lines({ id: 1, v: 5 }, { id: 2, v: 6 }))
    jobs.put('lago', 'b/b.json', lines({ id: 2, v: 'seis' }, { id: 3, w: true }))
    jobs.put('lago', 'c/c.json', lines({ id: 1, texto: '{"x": [1, 2]}' }, { id: 2, texto: 'nada' }))
    jobs.put(
      'lago',
      'd/d.json',
      lines({ Item: { nome: { S: 'Ana' }, idade: { N: '30' }, mapa: { M: { ok: { BOOL: true } } } } }),
    )

    const { output } = await jobs.run(`${begin}
one, other = read('a/'), read('b/')
one.union(other).printSchema()
print(rows(one.mergeDynamicFrame(other, ['id']).resolveChoice(specs=[('v', 'cast:string')])))
print({name: rows(part) for name, part in one.split_rows({'id': {'>': 1, '<=': 9}}, 'maior', 'resto').items()})
unboxed = Unbox.apply(frame=read('c/'), path='texto', format='json')
print(rows(unboxed), unboxed.errorsCount())
print(read('d/').simplify_ddb_json().toDF().dtypes)
print(rows(read('d/').unnest_ddb_json()), read('d/').unnest_ddb_json().toDF().columns)
print(rows(one.spigot('s3://lago/amostra/', {'topk': 1})), read('amostra/').count())
`)

    expect(output.split('\n')).toEqual([
      'root',
      '|-- id: int',
      '|-- v: choice',
      '|    |-- int',
      '|    |-- string',
      '|-- w: boolean',
      "[(1, '5', None), (2, 'seis', None), (3, None, True)]",
      "{'maior': [(2, 6)], 'resto': [(1, 5)]}",
      '[(1, Row(x=[1, 2]))] 1',
      "[('nome', 'string'), ('idade', 'string'), ('mapa', 'struct<ok:boolean>')]",
      "[('Ana', '30', True)] ['nome', 'idade', 'mapa.ok']",
      '[(1, 5), (2, 6)] 1',
      '',
    ])
  },
)
