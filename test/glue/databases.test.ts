/** Jobs that read and write real databases: by options, by a connection of the Catalog, by Spark's own readers, with bookmarks. */
import {
  CreateConnectionCommand,
  CreateCrawlerCommand,
  CreateDatabaseCommand,
  CreateTableCommand,
  GetTablesCommand,
  GlueClient,
  StartCrawlerCommand,
  TestConnectionCommand,
} from '@aws-sdk/client-glue'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import {
  type DatabaseServer,
  database,
  hasMysql,
  hasPostgres,
  password,
  startMysql,
  startPostgres,
  user,
} from './databaseServers.ts'
import { jobBench } from './runs.ts'

const head = `import sys, json
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
glue = GlueContext(SparkContext.getOrCreate())
spark = glue.spark_session
args = getResolvedOptions(sys.argv, ['JOB_NAME'])
job = Job(glue)
job.init(args['JOB_NAME'], args)
`

interface Kind {
  connectionType: 'postgresql' | 'mysql'
  start: () => Promise<DatabaseServer>
  columns: string
  /** What the values of the first row are, and how Spark sees the columns. */
  values: string
  types: string[]
  shown: string[]
}

const kinds: Kind[] = [
  {
    connectionType: 'postgresql',
    start: startPostgres,
    columns:
      'id bigint PRIMARY KEY, n smallint, valor numeric(10,2), livre numeric, peso float8, ativo boolean, nome text, dia date, em timestamp, fim timestamptz, doc jsonb, bytes bytea, tags text[]',
    values: `1, 7, 10.50, 1.25, 0.1, true, 'ação "x", y', '2025-10-20', '2025-10-20 10:11:12.123456', '2025-10-20 10:11:12-03', '{"a": 1}', '\\x00ff', '{a,b}'`,
    types: [
      'bigint',
      'smallint',
      'decimal(10,2)',
      'decimal(38,18)',
      'double',
      'boolean',
      'string',
      'date',
      'timestamp',
      'timestamp',
      'string',
      'binary',
      'array<string>',
    ],
    shown: [
      '1',
      '7',
      '10.50',
      '1.250000000000000000',
      '0.1',
      'True',
      'ação "x", y',
      '2025-10-20',
      '2025-10-20 10:11:12.123456',
      '2025-10-20 13:11:12',
      '{"a": 1}',
      '00ff',
      "['a', 'b']",
    ],
  },
  {
    connectionType: 'mysql',
    start: startMysql,
    columns:
      'id bigint PRIMARY KEY, n int unsigned, valor decimal(10,2), peso double, ativo tinyint(1), nome varchar(40), dia date, em datetime(6), bytes blob, grande bigint unsigned',
    values: `1, 4000000000, 10.50, 0.1, 1, 'ação "x", y', '2025-10-20', '2025-10-20 10:11:12.123456', x'00ff', 18446744073709551615`,
    types: [
      'bigint',
      'bigint',
      'decimal(10,2)',
      'double',
      'boolean',
      'string',
      'date',
      'timestamp',
      'binary',
      'decimal(20,0)',
    ],
    shown: [
      '1',
      '4000000000',
      '10.50',
      '0.1',
      'True',
      'ação "x", y',
      '2025-10-20',
      '2025-10-20 10:11:12.123456',
      '00ff',
      '18446744073709551615',
    ],
  },
]

for (const kind of kinds) {
  const isThere = kind.connectionType === 'postgresql' ? hasPostgres : hasMysql
  describe.skipIf(!isThere)(kind.connectionType, () => {
    let server: DatabaseServer
    beforeAll(async () => {
      server = await kind.start()
    }, 120_000)
    afterAll(() => server.stop())

    const url = () => `jdbc:${kind.connectionType}://127.0.0.1:${server.port}/${database}`
    const options = (more: object) => JSON.stringify({ url: url(), user, password, ...more })
    const connect = (igarape: Igarape, Name = 'loja') =>
      igarape.client(GlueClient).send(
        new CreateConnectionCommand({
          ConnectionInput: {
            Name,
            ConnectionType: 'JDBC',
            ConnectionProperties: { JDBC_CONNECTION_URL: url(), USERNAME: user, PASSWORD: password },
          },
        }),
      )

    test('a table is read in the types that Spark gives its columns', async ({ igarape }) => {
      server.sql(
        `CREATE TABLE tipos (${kind.columns}); INSERT INTO tipos VALUES (${kind.values}); INSERT INTO tipos (id) VALUES (2)`,
      )
      grant(server)
      const jobs = await jobBench(igarape)
      await jobs.job(
        'ler',
        `${head}
frame = glue.create_dynamic_frame.from_options(connection_type='${kind.connectionType}', connection_options=json.loads('''${options({ dbtable: 'tipos' })}'''))
rows = frame.toDF().orderBy('id').collect()
print(json.dumps([type for _, type in frame.toDF().dtypes]))
print(json.dumps([value.hex() if isinstance(value, (bytes, bytearray)) else str(value) for value in rows[0]], ensure_ascii=False))
print(all(value is None for value in rows[1][1:]), len(rows))
`,
      )

      const { run, lines } = await jobs.run('ler')

      expect(run.ErrorMessage).toBeUndefined()
      expect(JSON.parse(lines[0] ?? '')).toEqual(kind.types)
      expect(JSON.parse(lines[1] ?? '')).toEqual(kind.shown)
      expect(lines[2]).toBe('True 2')
    })

    test('a frame is appended to a table, which is made if it is not there, by a connection of the Catalog', async ({
      igarape,
    }) => {
      await connect(igarape)
      const jobs = await jobBench(igarape)
      await jobs.put('vendas.csv', 'id,nome,valor\n1,"o ""João"", filho",10.5\n2,,7\n')
      await jobs.job(
        'gravar',
        `${head}
rows = spark.read.csv('s3://lago/vendas.csv', header=True, escape='"', schema='id long, nome string, valor decimal(10,2)')
frame = DynamicFrame.fromDF(rows, glue, 'vendas')
glue.write_dynamic_frame.from_jdbc_conf(frame, catalog_connection='loja', connection_options={'dbtable': 'gravadas', 'database': '${database}'})
glue.write_dynamic_frame.from_options(frame, connection_type='${kind.connectionType}', connection_options=json.loads('''${options({ dbtable: 'gravadas' })}'''))
print(glue.extract_jdbc_conf('loja')['vendor'])
`,
      )

      const { run, lines } = await jobs.run('gravar')

      expect(run.ErrorMessage).toBeUndefined()
      expect(lines).toEqual([kind.connectionType])
      expect(server.sql('SELECT id, nome, valor FROM gravadas WHERE nome IS NOT NULL ORDER BY id')).toEqual([
        '1,o "João", filho,10.50',
        '1,o "João", filho,10.50',
      ])
      expect(server.sql('SELECT count(*) FROM gravadas WHERE nome IS NULL')).toEqual(['2'])
    })

    test("Spark's own reader and writer speak to it too, and a write that fails leaves nothing", async ({
      igarape,
    }) => {
      const jobs = await jobBench(igarape)
      await jobs.job(
        'spark',
        `${head}
url, own = '${url()}', {'user': '${user}', 'password': """${password}"""}
numbers = spark.range(12000).selectExpr('id', 'cast(id % 3 as int) as resto')
numbers.write.jdbc(url, 'numeros', mode='overwrite', properties=own)
numbers.limit(5).write.format('jdbc').options(url=url, dbtable='numeros', **own).mode('append').save()
read = spark.read.format('jdbc').options(url=url, query='select resto, count(*) as n from numeros group by resto', **own).load()
print(sorted(tuple(row) for row in read.collect()))
print(spark.read.jdbc(url, 'numeros', properties=own, predicates=['id < 2', 'id = 11999']).count())
try:
    numbers.write.jdbc(url, 'numeros', properties=own)
except Exception as error:
    print(type(error).__name__)
try:
    spark.sql('select cast(null as long) as id union all select 1').union(spark.range(9000)).write.jdbc(url, 'cheia', mode='append', properties=own)
except Exception as error:
    print(type(error).__name__)
`,
      )
      server.sql('CREATE TABLE cheia (id bigint NOT NULL)')
      grant(server)

      const { run, lines } = await jobs.run('spark')

      expect(run.ErrorMessage).toBeUndefined()
      expect(lines).toEqual(['[(0, 4002), (1, 4002), (2, 4001)]', '5', 'AnalysisException', 'DatabaseError'])
      expect(server.sql('SELECT count(*) FROM cheia')).toEqual(['0'])
    })

    test('a bookmark reads the rows behind the last key that a committed run had read', async ({ igarape }) => {
      server.sql(
        `CREATE TABLE fila (id bigint PRIMARY KEY, nome varchar(20)); INSERT INTO fila VALUES (1, 'a'), (2, 'b')`,
      )
      grant(server)
      const jobs = await jobBench(igarape)
      await jobs.job(
        'novos',
        `${head}
options = json.loads('''${options({ dbtable: 'fila' })}''')
frame = glue.create_dynamic_frame.from_options('${kind.connectionType}', options, transformation_ctx='fila')
named = glue.create_dynamic_frame.from_options('${kind.connectionType}', {**options, 'jobBookmarkKeys': ['nome'], 'jobBookmarkKeysSortOrder': 'asc'}, transformation_ctx='nomes')
print(sorted(row.id for row in frame.toDF().collect()), sorted(row.nome for row in named.toDF().collect()))
if '--falha' in sys.argv: raise ValueError('antes do commit')
job.commit()
`,
        { DefaultArguments: { '--job-bookmark-option': 'job-bookmark-enable' } },
      )

      const seen = []
      seen.push(await jobs.run('novos'))
      server.sql("INSERT INTO fila VALUES (3, 'c')")
      seen.push(await jobs.run('novos', { '--falha': 'sim' }))
      seen.push(await jobs.run('novos'))
      seen.push(await jobs.run('novos'))

      expect(seen.map(({ lines }) => lines[0])).toEqual(["[1, 2] ['a', 'b']", "[3] ['c']", "[3] ['c']", '[] []'])
    })

    test('a table of the Catalog that stands for one of the database is read and written', async ({ igarape }) => {
      await connect(igarape)
      const glue = igarape.client(GlueClient)
      server.sql("CREATE TABLE clientes (id int, nome varchar(20)); INSERT INTO clientes VALUES (1, 'ana')")
      grant(server)
      await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'loja' } }))
      const Location = kind.connectionType === 'mysql' ? `${database}.clientes` : `${database}.public.clientes`
      const Columns = [{ Name: 'id', Type: 'int' }]
      const Parameters = { classification: kind.connectionType, connectionName: 'loja' }
      const TableInput = { Name: 'clientes', StorageDescriptor: { Location, Columns }, Parameters }
      await glue.send(new CreateTableCommand({ DatabaseName: 'loja', TableInput }))
      const jobs = await jobBench(igarape)
      await jobs.job(
        'catalogo',
        `${head}
frame = glue.create_dynamic_frame.from_catalog(database='loja', table_name='clientes')
print([tuple(row) for row in frame.toDF().collect()])
glue.write_dynamic_frame.from_catalog(frame, database='loja', table_name='clientes')
`,
      )

      const { run, lines } = await jobs.run('catalogo')

      expect(run.ErrorMessage).toBeUndefined()
      expect(lines).toEqual(["[(1, 'ana')]"])
      expect(server.sql('SELECT * FROM clientes')).toEqual(['1,ana', '1,ana'])
    })

    test('a connection is tested, and a crawler makes tables of the Catalog of those that its path means', async ({
      igarape,
    }) => {
      const glue = igarape.client(GlueClient)
      await connect(igarape)
      server.sql('CREATE TABLE raio_x (id bigint, valor decimal(8,3), nome varchar(20)); CREATE TABLE raio_y (id int)')
      grant(server)
      const prefix = kind.connectionType === 'mysql' ? database : `${database}/public`
      const JdbcTargets = [{ ConnectionName: 'loja', Path: `${prefix}/raio%`, Exclusions: [`${prefix}/raio_y`] }]
      const settings = { Name: 'raios', Role: 'glue', DatabaseName: 'cru', Targets: { JdbcTargets } }
      await glue.send(new CreateCrawlerCommand(settings))

      await glue.send(new StartCrawlerCommand({ Name: 'raios' }))
      await igarape.settled()

      const { TableList = [] } = await glue.send(new GetTablesCommand({ DatabaseName: 'cru' }))
      const [table] = TableList
      expect(TableList.map(({ Name }) => Name)).toEqual([`${prefix.replace('/', '_')}_raio_x`])
      expect(table?.StorageDescriptor).toMatchObject({ Location: `${prefix.replace('/', '.')}.raio_x` })
      expect(table?.StorageDescriptor?.Columns).toEqual([
        { Name: 'id', Type: 'bigint' },
        { Name: 'valor', Type: 'decimal(8,3)' },
        { Name: 'nome', Type: 'string' },
      ])
      expect(table?.Parameters).toMatchObject({ classification: kind.connectionType, connectionName: 'loja' })
      await glue.send(new TestConnectionCommand({ ConnectionName: 'loja' }))
      const nowhere = { JDBC_CONNECTION_URL: `jdbc:${kind.connectionType}://127.0.0.1:1/${database}`, USERNAME: user }
      const unreached = glue.send(
        new TestConnectionCommand({ TestConnectionInput: { ConnectionType: 'JDBC', ConnectionProperties: nowhere } }),
      )
      await expect(unreached).rejects.toMatchObject({ name: 'InvalidInputException', message: /refused/i })
      const oracle = { JDBC_CONNECTION_URL: 'jdbc:oracle:thin://@x:1/y' }
      const unknown = glue.send(
        new TestConnectionCommand({ TestConnectionInput: { ConnectionType: 'JDBC', ConnectionProperties: oracle } }),
      )
      await expect(unknown).rejects.toMatchObject({ name: 'NotImplemented' })
    })

    test("what goes wrong is told in the database's own words", async ({ igarape }) => {
      const jobs = await jobBench(igarape)
      const script = (more: object) =>
        `${head}glue.create_dynamic_frame.from_options('${kind.connectionType}', json.loads('''${options(more)}'''))`
      await jobs.job('errada', script({ dbtable: 'tipos', password: 'x' }))
      await jobs.job('nada', script({ dbtable: 'nao_ha' }))
      await jobs.job('opcao', script({ dbtable: 'x', customJdbcDriverS3Path: 's3://lago/x.jar' }))

      const seen = [await jobs.run('errada'), await jobs.run('nada'), await jobs.run('opcao')]

      expect(seen[1]?.run.ErrorMessage).toMatch(/DatabaseError: .*nao_ha/)
      expect(seen[2]?.run.ErrorMessage).toMatch(/UNSUPPORTED_OPERATION_ERROR; .*customjdbcdriverS3path/i)
      if (kind.connectionType === 'mysql') expect(seen[0]?.run.ErrorMessage).toMatch(/DatabaseError: Access denied/)
    })
  })
}

/** What the server's own user made belongs to it; the jobs are another. */
function grant(server: DatabaseServer): void {
  try {
    server.sql(`GRANT ALL ON ALL TABLES IN SCHEMA public TO ${user}`)
  } catch {
    // MySQL's rights are those of the whole database.
  }
}
