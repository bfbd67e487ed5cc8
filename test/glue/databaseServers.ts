/** PostgreSQL and MySQL (or MariaDB) of this machine, each in a folder and on a port of its own. Without them their tests are left out, loudly. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface DatabaseServer {
  port: number
  /** What a statement prints, a line a row, with commas between columns. */
  sql(statement: string): string[]
  stop(): void
}

export const user = 'loja'
export const password = "s3nha d'água"
export const database = 'vendas'

const postgresPrograms = newestIn('/usr/lib/postgresql')
const mysqlProgram = ['/usr/sbin/mariadbd', '/usr/sbin/mysqld'].find(existsSync)
const isRoot = process.getuid?.() === 0

export const hasPostgres = told('PostgreSQL', postgresPrograms !== undefined)
export const hasMysql = told('MySQL', mysqlProgram !== undefined)

function told(name: string, isThere: boolean): boolean {
  if (!isThere) console.warn(`${name} is not on this machine: its tests are left out.`)
  return isThere
}

function newestIn(folder: string): string | undefined {
  if (!existsSync(folder)) return undefined
  const newest = readdirSync(folder)
    .toSorted((one, other) => Number(one) - Number(other))
    .pop()
  return newest && join(folder, newest, 'bin')
}

export async function startPostgres(): Promise<DatabaseServer> {
  const programs = postgresPrograms ?? ''
  const folder = folderFor('postgres')
  const port = await freePort()
  const asOwner = { ...ownerOf('postgres'), stdio: 'pipe' as const }
  const data = join(folder, 'data')
  execFileSync(
    join(programs, 'initdb'),
    ['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync', '-E', 'UTF8'],
    asOwner,
  )
  const options = ['-D', data, '-p', String(port), '-k', folder, '-c', 'fsync=off', '-h', '127.0.0.1']
  const child = spawn(join(programs, 'postgres'), options, { ...ownerOf('postgres'), stdio: 'ignore' })
  const psql = (name: string, statement: string) =>
    linesOf(
      execFileSync(
        join(programs, 'psql'),
        [
          '-h',
          folder,
          '-p',
          String(port),
          '-U',
          'postgres',
          '-d',
          name,
          '-v',
          'ON_ERROR_STOP=1',
          '-qtAF,',
          '-c',
          statement,
        ],
        { encoding: 'utf8', stdio: 'pipe' },
      ),
    )
  await untilAnswered(() => psql('postgres', 'SELECT 1'))
  psql('postgres', `CREATE ROLE ${user} LOGIN PASSWORD '${password.replaceAll("'", "''")}'`)
  psql('postgres', `CREATE DATABASE ${database} OWNER ${user}`)
  return { port, sql: (statement) => psql(database, statement), stop: () => stopped(child, folder) }
}

export async function startMysql(): Promise<DatabaseServer> {
  const folder = folderFor('mysql')
  const port = await freePort()
  const data = join(folder, 'data')
  const socket = join(folder, 'socket')
  const asOwner = { ...ownerOf('mysql'), stdio: 'pipe' as const }
  execFileSync(
    'mariadb-install-db',
    ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal'],
    asOwner,
  )
  const options = [
    '--no-defaults',
    `--datadir=${data}`,
    `--port=${port}`,
    `--socket=${socket}`,
    '--bind-address=127.0.0.1',
  ]
  const child = spawn(mysqlProgram ?? '', options, { ...ownerOf('mysql'), stdio: 'ignore' })
  const mysql = (statement: string) =>
    linesOf(
      execFileSync('mariadb', ['--no-defaults', `--socket=${socket}`, '-u', 'root', '-N', '-B', '-e', statement], {
        encoding: 'utf8',
        stdio: 'pipe',
      }),
    ).map((line) => line.replaceAll('\t', ','))
  await untilAnswered(() => mysql('SELECT 1'))
  mysql(`CREATE DATABASE ${database}; CREATE USER ${user}@localhost IDENTIFIED BY "${password}"`)
  mysql(`GRANT ALL ON ${database}.* TO ${user}@localhost`)
  return { port, sql: (statement) => mysql(`USE ${database}; ${statement}`), stop: () => stopped(child, folder) }
}

function linesOf(text: string): string[] {
  return text.split('\n').filter(Boolean)
}

function folderFor(owner: string): string {
  const folder = mkdtempSync(join(tmpdir(), `igarape-${owner}-`))
  const { uid, gid } = ownerOf(owner)
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid)
  return folder
}

/** Neither server runs as root. */
function ownerOf(name: string): { uid?: number; gid?: number } {
  if (!isRoot) return {}
  const number = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }))
  return { uid: number('-u'), gid: number('-g') }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

async function untilAnswered(ask: () => unknown): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      ask()
      return
    } catch (error) {
      if (tries === 150) throw error
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
}

function stopped(child: ChildProcess, folder: string): void {
  child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
}
