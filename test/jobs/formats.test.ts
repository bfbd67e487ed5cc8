/** Sources and sinks of DynamicFrames in each format, with its options; and what is refused, by its name. */
import { gzipSync } from 'node:zlib'
import { expect } from 'vitest'
import { test, writesElsewhere } from './engine.ts'

const begin = `from awsglue.context import GlueContext
from pyspark.context import SparkContext
glue = GlueContext(SparkContext.getOrCreate())
def read(path, format, options={}, **connection):
    return glue.create_dynamic_frame.from_options('s3', {'paths': [f's3://lago/{path}'], **connection}, format, options)
def write(frame, path, format, options={}, **connection):
    glue.write_dynamic_frame.from_options(frame, 's3', {'path': f's3://lago/{path}', **connection}, format, options)
def rows(frame):
    return sorted((tuple(row) for row in frame.toDF().collect()), key=str)
`

test('CSV is read by its own options, each file by its own header', async ({ jobs }) => {
  jobs.put('lago', 'csv/a.csv', 'id,nome\n1,"a ""b"", c"\n')
  jobs.put('lago', 'csv/b.csv', 'nome,id,extra\nz,3,q\n')
  jobs.put('lago', 'plain/a.csv', "1;'x;y'\n2;z\n")

  const { output } = await jobs.run(`${begin}
print(rows(read('csv/', 'csv', {'withHeader': True})), read('csv/', 'csv', {'withHeader': 'true'}).toDF().columns)
print(rows(read('plain/', 'csv', {'separator': ';', 'quoteChar': "'"})), rows(read('plain/', 'csv', {'separator': ';', 'quoteChar': '-1', 'skipFirst': True}).select_fields(['col0', 'col1'])))
print(rows(read('plain/', 'csv', {'separator': ';', 'quoteChar': "'"}, attachFilename='arquivo')))
print(read('plain/', 'csv', {'separator': '|'}).toDF().columns, read('nada/', 'csv').count())
`)

  expect(output.split('\n')).toEqual([
    `[('1', 'a "b", c', None), ('3', 'z', 'q')] ['id', 'nome', 'extra']`,
    "[('1', 'x;y'), ('2', 'z')] [('2', 'z')]",
    "[('1', 'x;y', 's3://lago/plain/a.csv'), ('2', 'z', 's3://lago/plain/a.csv')]",
    "['col0'] 0",
    '',
  ])
})

test('JSON lines, documents and paths, XML and Grok logs are read as records; partitions come from folders', async ({
  jobs,
}) => {
  jobs.put('lago', 'json/ano=2024/a.json', '{"a": 1}\nquebrado\n{"a": 2}\n')
  jobs.put('lago', 'json/ano=2025/b.json.gz', gzipSync('{"a": 3}\n'))
  jobs.put('lago', 'doc/x.json', '{"itens": [\n {"k": 1},\n {"k": 2}]}')
  jobs.put('lago', 'sub/x.json', '[{"k": 1},\n{"k": 5}]')
  jobs.put('lago', 'sub/mais/y.json', '{"k": 9}')
  jobs.put('lago', 'xml/x.xml', '<r><p id="7"><n>um</n></p><p id="8"><n>dois</n><n>três</n></p></r>')
  jobs.put('lago', 'log/x.log', '127.0.0.1 GET 12\n::1 POST -\nruim\n')

  const { output } = await jobs.run(`${begin}
frame = read('json/', 'json')
print(rows(frame), frame.errorsCount())
print(rows(read('json/', 'json', exclusions='["**.gz"]')), rows(read('doc/', 'json', {'jsonPath': '$.itens[*]'})))
print(rows(read('sub/', 'json', {'multiline': True})), rows(read('sub/', 'json', {'multiline': True}, recurse=True)))
xml = read('xml/', 'xml', {'rowTag': 'p'})
print(rows(xml.resolveChoice(specs=[('n', 'make_cols')])), xml.resolveChoice(specs=[('n', 'make_cols')]).toDF().columns)
log = read('log/', 'grokLog', {'logFormat': '%{IP:ip} %{WORD:verbo} %{SIZE:n}', 'customPatterns': 'SIZE \\\\d+|-'})
print(rows(log), log.errorsCount())
`)

  expect(output.split('\n')).toEqual([
    "[(1, '2024'), (2, '2024'), (3, '2025')] 1",
    "[(1, '2024'), (2, '2024')] [(1,), (2,)]",
    '[(1,), (5,)] [(1,), (5,), (9,)]',
    "[(7, None, 'um'), (8, ['dois', 'três'], None)] ['_id', 'n_array', 'n_string']",
    "[('127.0.0.1', 'GET', '12'), ('::1', 'POST', None)] 1",
    '',
  ])
})

test.skipIf(writesElsewhere())(
  'each format that is written is read again, with choices, nested fields and partitions',
  async ({ jobs }) => {
    jobs.put(
      'lago',
      'raw/a.json',
      '{"p": "x", "a": 1, "b": {"c": [1, 2]}}\n{"p": "y", "a": "um"}\n{"p": "y", "b": {"c": []}}\n',
    )

    const { output, end } = await jobs.run(`${begin}
frame = read('raw/', 'json')
for format in ('json', 'parquet', 'glueparquet', 'orc', 'avro'):
    write(frame, f'out/{format}/', format, partitionKeys=['p'])
    again = read(f'out/{format}/', format.replace('glue', ''))
    print(format, again.schema().getField('a').dataType.typeName(), rows(again.resolveChoice(choice='make_struct') if format == 'json' else again))
write(frame.drop_fields(['b']), 'out/csv/', 'csv', {'separator': '|', 'quoteChar': '-1'}, compression='gzip')
print(rows(read('out/csv/', 'csv', {'separator': '|', 'withHeader': True})))
`)

    const inStructs =
      "[(None, Row(c=[]), 'y'), (Row(int=1, string=None), Row(c=[1, 2]), 'x'), (Row(int=None, string='um'), None, 'y')]"
    expect(end.kind).toBe('succeeded')
    expect(output.split('\n')).toEqual([
      `json choice ${inStructs}`,
      `parquet struct ${inStructs}`,
      `glueparquet struct ${inStructs}`,
      `orc struct ${inStructs}`,
      `avro struct ${inStructs}`,
      "[('x', '1'), ('y', 'um'), ('y', None)]",
      '',
    ])
    expect(jobs.keys('lago').filter((key) => key.endsWith('.csv.gz'))).toHaveLength(1)
  },
)

test.skipIf(writesElsewhere())(
  'Parquet files that differ in a column are read as a choice of both',
  async ({ jobs }) => {
    const { output } = await jobs.run(`${begin}
spark = glue.spark_session
spark.createDataFrame([(1, 5)], 'id long, v long').write.parquet('s3://lago/p/um')
spark.createDataFrame([('a', 2, 1.5)], 'v string, id long, w double').write.parquet('s3://lago/p/dois')
frame = glue.create_dynamic_frame.from_options('s3', {'paths': ['s3://lago/p/um', 's3://lago/p/dois']}, 'parquet')
frame.printSchema()
print(rows(frame.resolveChoice(specs=[('v', 'cast:string')]).select_fields(['id', 'v', 'w'])))
`)

    expect(output.split('\n')).toEqual([
      'root',
      '|-- id: long',
      '|-- v: choice',
      '|    |-- long',
      '|    |-- string',
      '|-- w: double',
      "[(1, '5', None), (2, 'a', 1.5)]",
      '',
    ])
  },
)

test('what is not read or written says so by its name', async ({ jobs }) => {
  jobs.put('lago', 'x/x.csv', '1\n')

  const { output } = await jobs.run(`${begin}
frame = read('x/', 'csv')
attempts = [
    lambda: glue.create_dynamic_frame.from_options('oracle', {'url': 'jdbc:oracle:thin://x/y', 'dbtable': 't'}),
    lambda: glue.create_dynamic_frame.from_options('kafka', {}),
    lambda: read('x/', 'ion'),
    lambda: read('x/', 'csv', {'adivinha': True}),
    lambda: read('x/', 'csv', adivinha=True),
    lambda: write(frame, 'y/', 'xml'),
    lambda: glue.write_dynamic_frame.from_options(frame, 'sqlserver', {'url': 'jdbc:sqlserver://x'}),
    lambda: glue.transition_s3_path('s3://lago/x/', 'GLACIER'),
    lambda: glue.forEachBatch(frame, print, {}),
    lambda: glue.start_transaction(False),
]
for attempt in attempts:
    try:
        attempt()
        print('done')
    except NotImplementedError as error:
        print(str(error).split(' is not implemented')[0].removeprefix('awsglue: '))
`)

  expect(output.split('\n')).toEqual([
    'a source of the connection type oracle',
    'a source of the connection type kafka',
    'a source of the format ion',
    'format csv with the option adivinha',
    'a source with the option adivinha',
    'a sink of the format xml',
    'a sink of the connection type sqlserver',
    'GlueContext.transition_s3_path',
    'GlueContext.forEachBatch',
    'GlueContext.start_transaction',
    '',
  ])
})
