/** The scripts of `test/corpus/glue`, which cover the idioms of AWS's public samples, as real runs of real jobs. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  CreateTableCommand as CreateDynamoTableCommand,
  DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb'
import {
  type Column,
  CreateDatabaseCommand,
  CreateTableCommand,
  GetPartitionsCommand,
  GetTablesCommand,
  GlueClient,
} from '@aws-sdk/client-glue'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { type JobBench, jobBench } from './runs.ts'

const scriptOf = (name: string) => readFileSync(join(import.meta.dirname, `../corpus/glue/${name}.py`), 'utf8')
const lines = (...records: object[]) => `${records.map((record) => JSON.stringify(record)).join('\n')}\n`

async function corpusOf(igarape: Igarape): Promise<{ jobs: JobBench; glue: GlueClient }> {
  const glue = igarape.client(GlueClient)
  const jobs = await jobBench(igarape)
  await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'corpus' } }))
  return { jobs, glue }
}

async function runScript(jobs: JobBench, name: string, more: Record<string, string> = {}, settings = {}) {
  await jobs.job(name, scriptOf(name), settings)
  const { run, lines } = await jobs.run(name, { '--bucket': 'lago', '--TempDir': 's3://lago/temp/', ...more })
  expect(run.ErrorMessage).toBeUndefined()
  return lines
}

test('nested JSON is joined, made relational and registered table by table', async ({ igarape }) => {
  const { jobs, glue } = await corpusOf(igarape)
  const contact = (valor: string) => ({ tipo: 'fone', valor })
  await jobs.put(
    'pessoas/p.json',
    lines(
      { id: 1, nome: 'Ana', contatos: [contact('11'), contact('12')] },
      { id: 2, nome: 'Rui', contatos: [contact('21')] },
    ),
  )
  await jobs.put(
    'filiacoes/f.json',
    lines({ pessoa_id: 1, org: 'a' }, { pessoa_id: 2, org: 'b' }, { pessoa_id: 3, org: 'b' }),
  )
  await jobs.put('orgaos/o.json', lines({ id: 'a', nome: 'Câmara', antigo: 1 }, { id: 'b', nome: 'Senado', antigo: 2 }))

  const printed = await runScript(jobs, 'join_and_relationalize')

  expect(printed).toEqual([
    "history 2 ['contatos', 'id', 'nome', 'orgao_id', 'orgao_nome']",
    'root',
    '|-- nome: string',
    '|-- orgao_nome: string',
    '|-- contatos: array',
    '|    |-- element: struct',
    '|    |    |-- tipo: string',
    '|    |    |-- valor: string',
    "raiz 2 ['contatos', 'id', 'nome', 'orgao_id', 'orgao_nome']",
    "raiz_contatos 3 ['contatos.val.tipo', 'contatos.val.valor', 'id', 'index']",
    "[('Ana', '11'), ('Ana', '12'), ('Rui', '21')]",
  ])
  const { TableList = [] } = await glue.send(new GetTablesCommand({ DatabaseName: 'corpus' }))
  expect(TableList.map(({ Name }) => Name).sort()).toEqual(['raiz', 'raiz_contatos'])
  const folders = (await jobs.keys('saida/por_orgao/')).map((key) => key.split('/')[2])
  expect(new Set(folders)).toEqual(new Set(['_SUCCESS', 'orgao_nome=Câmara', 'orgao_nome=Senado']))
})

test('a table with values that are not of their type is resolved in each way and cleaned', async ({ igarape }) => {
  const { jobs, glue } = await corpusOf(igarape)
  await glue.send(
    tableOf('pagamentos', { regra: 'string', prestador: 'bigint', uf: 'string', cobrado: 'string', pago: 'string' }),
  )
  const body =
    'r1,101,PA,$30.00,$10.50\nr2,102,SP,$90.00,$20.00\nr3,103,AM,$7.00,$6.00\nr4,desconhecido,AM,$9.00,$1.00\n'
  await jobs.put('pagamentos/p.csv', body)

  const printed = await runScript(jobs, 'clean_and_resolve')

  expect(printed).toEqual([
    'root',
    '|-- regra: string',
    '|-- prestador: choice',
    '|    |-- long',
    '|    |-- string',
    '|-- uf: string',
    '|-- cobrado: string',
    '|-- pago: string',
    "cast [('prestador', 'bigint')]",
    "project [('prestador', 'string')]",
    "cols [('prestador_long', 'bigint'), ('prestador_string', 'string')]",
    "struct [('prestador', 'struct<long:bigint,string:string>')]",
    "catalog [('prestador', 'bigint')]",
    'root',
    '|-- regra: string',
    '|-- prestador: struct',
    '|    |-- id: long',
    '|    |-- uf: string',
    '|-- valores: struct',
    '|    |-- cobrado: double',
    '|    |-- pago: double',
    '[(101, 19.5)]',
    "{'grandes': 2, 'pequenas': 1}",
    "[('r1', '19.5', 'sim'), ('r2', '70.0', 'sim'), ('r3', '1.0', 'nao')]",
  ])
})

test('generated scripts, SQL over views, pandas functions and partitioned sinks', async ({ igarape }) => {
  const { jobs, glue } = await corpusOf(igarape)
  await jobs.put('vendas/regiao=1/a.csv', 'id,loja,valor,dia\n1,centro,10.50,2025-10-20\n1,centro,10.50,2025-10-20\n')
  await jobs.put('vendas/regiao=1/b.csv', 'id,loja,valor,dia\n2,norte,7,2025-10-21\n3,norte,1.25,2025-10-21\n')
  await jobs.put(
    'eventos/e.json',
    lines({ id: 1, nada: null, dados: '{"a": 1}' }, { id: 2, nada: null, dados: '{"a": [2]}' }),
  )

  const printed = await runScript(jobs, 'frames_sql_and_sinks', {}, { MaxRetries: 0 })

  expect(printed).toEqual([
    "[('id', 'int'), ('loja', 'string'), ('valor', 'decimal(10,2)'), ('dia', 'date')] 3",
    "[('centro', Decimal('10.50'), 1), ('norte', Decimal('8.25'), 2)]",
    '[(1, 11.55), (2, 7.7), (3, 1.38)]',
    '1 [1]',
    '2',
    "[(1, 'um', 'a'), (9, 'novo', 'b')]",
    "['id', 'dados'] ['id', 'nada', 'dados']",
    "['Row(a=Row(array=None, int=1))', 'Row(a=Row(array=[2], int=None))']",
    'root',
    '|-- id: choice',
    '|    |-- int',
    '|    |-- string',
    "6 ['ingest_year', 'ingest_month', 'ingest_day']",
  ])
  const { Partitions = [] } = await glue.send(
    new GetPartitionsCommand({ DatabaseName: 'corpus', TableName: 'vendas_saida' }),
  )
  expect(Partitions.map(({ Values }) => Values?.[0]).sort()).toEqual(['2025-10-20', '2025-10-21'])
})

test('a table of DynamoDB is read, merged with what is new, written back; old files are purged', async ({
  igarape,
}) => {
  const { jobs } = await corpusOf(igarape)
  const dynamodb = igarape.client(DynamoDBClient)
  const TableName = 'clientes'
  await dynamodb.send(
    new CreateDynamoTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  )
  await dynamodb.send(
    new PutItemCommand({ TableName, Item: { id: { S: 'a' }, pontos: { N: '5' }, nomes: { L: [{ S: 'x' }] } } }),
  )
  await dynamodb.send(new PutItemCommand({ TableName, Item: { id: { S: 'b' }, pontos: { N: '1.5' } } }))
  await jobs.put('novos/n.json', lines({ id: 'b', pontos: 9 }, { id: 'c', pontos: 0.25 }))

  const printed = await runScript(jobs, 'dynamodb_and_merge', { '--table': TableName })

  // Fields come in the order in which the records have them.
  expect(printed.slice(0, -3).toSorted()).toEqual(
    [
      'root',
      '|-- id: string',
      '|-- nomes: array',
      '|    |-- element: string',
      '|-- pontos: choice',
      '|    |-- double',
      '|    |-- int',
    ].toSorted(),
  )
  expect(printed.slice(-3)).toEqual(["[('a', 5.0), ('b', 9.0), ('c', 0.25)]", '3', '0'])
  expect(await jobs.keys('saida/amostra/')).not.toEqual([])
})

test('a Python shell job works with boto3 and pandas', async ({ igarape }) => {
  const { jobs } = await corpusOf(igarape)
  await jobs.put('vendas/a.csv', 'loja,valor\ncentro,2\nnorte,3\ncentro,4\n')
  const Command = { Name: 'pythonshell', PythonVersion: '3.9', ScriptLocation: 's3://lago/scripts/shell_report.py' }

  const printed = await runScript(jobs, 'shell_report', {}, { Command, MaxCapacity: 0.0625, GlueVersion: undefined })

  expect(printed).toEqual(["{'centro': 6, 'norte': 3}"])
  expect(await jobs.keys('saida/')).toEqual(['saida/resumo.csv'])
})

function tableOf(Name: string, columns: Record<string, string>): CreateTableCommand {
  const Columns: Column[] = Object.entries(columns).map(([name, type]) => ({ Name: name, Type: type }))
  return new CreateTableCommand({
    DatabaseName: 'corpus',
    TableInput: {
      Name,
      Parameters: { classification: 'csv' },
      StorageDescriptor: {
        Columns,
        Location: `s3://lago/${Name}/`,
        SerdeInfo: {
          SerializationLibrary: 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe',
          Parameters: { 'field.delim': ',' },
        },
      },
    },
  })
}
