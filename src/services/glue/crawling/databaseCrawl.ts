/** A JDBC target: the tables of a database whose path fits, each as a table of the Catalog that stands for it. */
import type { JdbcTarget, TableInput } from '@aws-sdk/client-glue'
import { awsErrors } from '../../../wire/errors.ts'
import { connections } from '../connections.ts'
import { type DatabaseTable, databaseTables } from '../databaseLooks.ts'
import { tables } from '../tables.ts'
import { crawlerName, databaseOf, putTable, type Writer } from './catalogWriting.ts'
import { databaseTableInput } from './storage.ts'

const { EntityNotFoundException, InvalidInputException } = awsErrors('glue')

/** Errors: EntityNotFoundException for a connection that is not there; those of a database that is not reached. */
export async function crawlDatabase(writer: Writer, target: JdbcTarget, isStopped: () => boolean): Promise<void> {
  const { ctx, crawler } = writer
  const { ConnectionName = '', Path = '', Exclusions = [] } = target
  const connection = ctx.in(connections).get(ConnectionName)
  if (!connection) throw EntityNotFoundException(`Connection ${ConnectionName} not found.`)
  const url = connection.input.ConnectionProperties?.JDBC_CONNECTION_URL ?? ''
  const [, classification = '', own = ''] = /^jdbc:(\w+):\/\/[^/]+\/([^?;]*)/.exec(url) ?? []
  if (Path.split('/')[0] !== own && classification === 'postgresql')
    throw InvalidInputException(`The path ${Path} is not of the database ${own}.`)
  const wanted = pathPattern(Path)
  const excluded = Exclusions.map(pathPattern)
  for (const found of await databaseTables(ctx, connection.input)) {
    if (isStopped()) return
    const path = pathOf(classification, own, found)
    if (!wanted.test(path) || excluded.some((pattern) => pattern.test(path))) continue
    if (found.refusal) {
      writer.log(`WARN : The table ${path} is left out: ${found.refusal}`)
      continue
    }
    const name = crawlerName(crawler, path.replaceAll('/', '_'))
    const input = tableInput(found, { name, path, classification, connection: ConnectionName, crawler: crawler.name })
    await putTable(writer, input, ctx.in(tables).get(databaseOf(writer), name))
  }
}

/** MySQL's schemas are its databases. */
function pathOf(classification: string, database: string, { schema, name }: DatabaseTable): string {
  return classification === 'mysql' ? `${schema}/${name}` : `${database}/${schema}/${name}`
}

/** `%` and `*` stand for any text, `?` for a character; a path that ends early means all below it. */
function pathPattern(path: string): RegExp {
  const text = path
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll(/%|\*+/g, '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${text}(/.*)?$`, 'i')
}

interface Naming {
  name: string
  path: string
  classification: string
  connection: string
  crawler: string
}

function tableInput({ columns }: DatabaseTable, naming: Naming): TableInput {
  return databaseTableInput(naming.name, {
    columns: columns.map(({ name, type }) => ({ Name: name.toLowerCase(), Type: type })),
    location: naming.path.replaceAll('/', '.'),
    parameters: {
      UPDATED_BY_CRAWLER: naming.crawler,
      classification: naming.classification,
      compressionType: 'none',
      connectionName: naming.connection,
    },
  })
}
