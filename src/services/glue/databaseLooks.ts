/** What a connection's database says: that it lets us in, and what tables it has. The drivers are Python's, in a process of its own. */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ConnectionInput } from '@aws-sdk/client-glue'
import type { Context } from '../../delivery/context.ts'
import { packageFolder } from '../../engines/functions/packageFolder.ts'
import { awsErrors, NotImplemented } from '../../wire/errors.ts'
import { jobEngine } from './engine.ts'
import { plainHost } from './runHost.ts'

const { InvalidInputException } = awsErrors('glue')

export interface DatabaseTable {
  schema: string
  name: string
  columns: { name: string; type: string }[]
  /** Why its columns are not told. */
  refusal?: string
}

const lookSecondsMax = 60
const memoryBytesMax = 2 ** 30

/** Errors: InvalidInputException in the database's words; NotImplemented for what no driver here speaks to. */
export async function testConnection(ctx: Context, connection: ConnectionInput): Promise<void> {
  const { ConnectionType } = connection
  if (ConnectionType !== 'JDBC') throw NotImplemented(`glue: testing a connection of the type ${ConnectionType}`)
  const url = connection.ConnectionProperties?.JDBC_CONNECTION_URL ?? ''
  if (url.startsWith('jdbc:redshift')) await testWarehouse(ctx, url)
  else await lookInto(ctx, connection, false)
}

/** Errors: those of testConnection. */
export async function databaseTables(ctx: Context, connection: ConnectionInput): Promise<DatabaseTable[]> {
  return lookInto(ctx, connection, true)
}

/** This server's own. */
async function testWarehouse(ctx: Context, url: string): Promise<void> {
  const [, host = '', Database = ''] = /^jdbc:redshift(?::iam)?:\/\/([^:/]+)(?::\d+)?\/([^?;]*)/.exec(url) ?? []
  const name = host.split('.')[0] as string
  const place = host.includes('.redshift-serverless.') ? { WorkgroupName: name } : { ClusterIdentifier: name }
  try {
    await ctx.call('redshift-data').ListTables({ ...place, Database })
  } catch (error) {
    throw InvalidInputException(`Failed to test connection: ${(error as Error).message}`)
  }
}

interface Told {
  error?: string
  isRefused?: boolean
}

async function lookInto(ctx: Context, connection: ConnectionInput, describes: boolean): Promise<DatabaseTable[]> {
  const asked = { ...(await credentialsOf(ctx, connection)), describes }
  const id = `look-${ctx.random.hex(16)}`
  const folder = join(ctx.use(jobEngine).runsFolder, id)
  const host = plainHost(ctx)
  let output = ''
  let errors = ''
  await mkdir(folder, { recursive: true })
  try {
    const plan = {
      kind: 'shell' as const,
      folder,
      scriptPath: join(packageFolder(), 'runtimes/glue/igarape_jobs/jdbc/look.py'),
      arguments: [],
      environment: { IGARAPE_DATABASE: JSON.stringify(asked) },
      glueVersion: '5.0',
      pythonPaths: [],
      timeoutSeconds: lookSecondsMax,
      memoryBytesMax,
    }
    const listener = {
      started: () => undefined,
      output: (stream: 'output' | 'error', text: string) => {
        if (stream === 'output') output += text
        else errors += text
        return undefined
      },
    }
    const end = await ctx.use(jobEngine).start(id, plan, host, listener).end
    if (end.kind === 'timedOut')
      throw InvalidInputException(`Failed to test connection: no answer in ${lookSecondsMax} s`)
    if (end.kind !== 'succeeded') throw new Error(`The look into a database ended as ${end.kind}: ${errors}`)
  } finally {
    await host.close()
    await rm(folder, { recursive: true, force: true })
  }
  const told = JSON.parse(output) as Told | DatabaseTable[]
  if (Array.isArray(told)) return told
  if (told.isRefused) throw NotImplemented(`glue: this connection (${told.error})`)
  throw InvalidInputException(`Failed to test connection: ${told.error}`)
}

async function credentialsOf(ctx: Context, { ConnectionProperties: properties = {} }: ConnectionInput) {
  const url = properties.JDBC_CONNECTION_URL
  if (!url) throw InvalidInputException('A JDBC connection needs the property JDBC_CONNECTION_URL.')
  const encrypts = properties.JDBC_ENFORCE_SSL === 'true'
  if (!properties.SECRET_ID) return { url, encrypts, user: properties.USERNAME, password: properties.PASSWORD }
  const { SecretString = '{}' } = await ctx.call('secrets-manager').GetSecretValue({ SecretId: properties.SECRET_ID })
  const { username, password } = JSON.parse(SecretString) as { username?: string; password?: string }
  return { url, encrypts, user: username, password }
}
