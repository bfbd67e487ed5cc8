/** Tables of the Catalog as frames of a job, in each format, and what is purged from them. */
import {
  CreateDatabaseCommand,
  CreatePartitionCommand,
  CreateTableCommand,
  GetPartitionsCommand,
  GlueClient,
} from '@aws-sdk/client-glue'
import { expect } from 'vitest'
import { test } from '../fixture.ts'
import { jobBench } from './runs.ts'

const script = `from awsglue.context import GlueContext
from pyspark.context import SparkContext
glue = GlueContext(SparkContext.getOrCreate())
def rows(frame):
    return sorted((tuple(row) for row in frame.toDF().collect()), key=str)
read = glue.create_dynamic_frame.from_catalog
frame = read('loja', 'linhas', '', 'ctx', "dia >= '2025-10-21'", {'attachFilename': 'arquivo'})
print(rows(frame))
print(read(database='loja', table_name='linhas', additional_options={'catalogPartitionPredicate': "dia = '2025-10-20'"}).schema().getField('id').dataType)
for table, format in (('tabela_orc', 'orc'), ('tabela_avro', 'avro')):
    glue.write_dynamic_frame.from_options(frame.drop_fields(['arquivo']), 's3', {'path': f's3://lago/{table}/'}, format)
    print(table, rows(read('loja', table)))
glue.write_dynamic_frame.from_catalog(frame.drop_fields(['arquivo', 'dia', 'v']), 'loja', 'tabela_orc')
print(read('loja', 'tabela_orc').count(), rows(read('loja', 'registros')), rows(read('loja', 'paginas')))
try:
    read('loja', 'linhas', push_down_predicate='id > 1')
except Exception as error:
    print(str(error).split(' columns')[0])
try:
    read('loja', 'banco')
except ValueError as error:
    print(error)
glue.purge_table('loja', 'linhas', {'retentionPeriod': 0, 'partitionPredicate': "dia = '2025-10-20'"})
print(read('loja', 'linhas').count())
`

test('tables of JSON, ORC, Avro, XML and Grok are read with their partitions, and purged by predicate', async ({
  igarape,
}) => {
  const jobs = await jobBench(igarape)
  const glue = igarape.client(GlueClient)
  await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'loja' } }))
  const place = (folder: string, library: string, Parameters: Record<string, string> = {}) => ({
    Columns: [
      { Name: 'id', Type: 'bigint' },
      { Name: 'v', Type: 'double' },
    ],
    Location: `s3://lago/${folder}/`,
    SerdeInfo: { ...(library && { SerializationLibrary: library }), Parameters },
  })
  const table = (Name: string, library: string, parameters: Record<string, string> = {}, more = {}) =>
    glue.send(
      new CreateTableCommand({
        DatabaseName: 'loja',
        TableInput: { Name, Parameters: parameters, StorageDescriptor: place(Name, library, parameters), ...more },
      }),
    )
  const json = 'org.openx.data.jsonserde.JsonSerDe'
  await table('linhas', json, {}, { PartitionKeys: [{ Name: 'dia', Type: 'string' }] })
  for (const [day, text] of [
    ['2025-10-20', '{"id": 1, "v": 1}\n'],
    ['2025-10-21', '{"id": 2, "v": 2.5}\n{"id": 3, "v": "caro"}\n'],
  ] as const) {
    await jobs.put(`linhas/dia=${day}/a.json`, text)
    const PartitionInput = { Values: [day], StorageDescriptor: place(`linhas/dia=${day}`, json) }
    await glue.send(new CreatePartitionCommand({ DatabaseName: 'loja', TableName: 'linhas', PartitionInput }))
  }
  await table('tabela_orc', 'org.apache.hadoop.hive.ql.io.orc.OrcSerde')
  await table('tabela_avro', 'org.apache.hadoop.hive.serde2.avro.AvroSerDe')
  await table('registros', 'com.amazonaws.glue.serde.GrokSerDe', { 'input.format': '%{INT:id:int} %{WORD:v}' })
  await table('paginas', '', { classification: 'xml', rowTag: 'p' })
  await table('banco', '', { classification: 'postgresql', connectionName: 'conexao' })
  await jobs.put('registros/a.log', '7 sete\n')
  await jobs.put('paginas/a.xml', '<x><p><id>8</id><v>0.5</v></p></x>')
  await jobs.job('ler', script)

  const { run, lines } = await jobs.run('ler')

  expect(run.ErrorMessage).toBeUndefined()
  const file = 's3://lago/linhas/dia=2025-10-21/a.json'
  expect(lines).toEqual([
    `[(2, Row(double=2.5, string=None), '2025-10-21', '${file}'), (3, Row(double=None, string='caro'), '2025-10-21', '${file}')]`,
    'LongType()',
    "tabela_orc [(2, Row(double=2.5, string=None), '2025-10-21'), (3, Row(double=None, string='caro'), '2025-10-21')]",
    "tabela_avro [(2, Row(double=2.5, string=None), '2025-10-21'), (3, Row(double=None, string='caro'), '2025-10-21')]",
    "4 [(7, 'sete')] [(8, 0.5)]",
    "User's pushdown predicate: id > 1 can not be resolved against partition",
    "The table banco names no connection, or no table of a database: 's3://lago/banco/'.",
    '2',
  ])
  const { Partitions } = await glue.send(new GetPartitionsCommand({ DatabaseName: 'loja', TableName: 'linhas' }))
  expect(Partitions?.map(({ Values }) => Values)).toEqual([['2025-10-21']])
})
