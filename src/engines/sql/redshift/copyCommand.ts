/** COPY as it is written: the target, the objects, and the options; one that we do not honour is refused by name. */
import type { Cursor } from '../cursor.ts'
import { notSupported, SqlError } from '../sqlError.ts'

export interface CopyCommand {
  schema?: string
  table: string
  columns?: string[]
  uri: string
  format: 'csv' | 'delimited' | 'parquet' | 'json'
  /** JSON: `auto`, `auto ignorecase`, or the URI of a jsonpaths file. */
  jsonOption?: string
  delimiter: string
  quote: string
  headerLines: number
  nullText: string
  compression: 'none' | 'gzip' | 'zstd'
  manifest: boolean
  dateFormat?: string
  timeFormat?: string
  errorsMax: number
  flags: Set<string>
}

const flags = [
  'EMPTYASNULL',
  'BLANKSASNULL',
  'TRIMBLANKS',
  'TRUNCATECOLUMNS',
  'IGNOREBLANKLINES',
  'FILLRECORD',
  'ESCAPE',
  'REMOVEQUOTES',
  'EXPLICIT_IDS',
  'ROUNDEC',
]
const refusedFlags = new Set(['ESCAPE', 'REMOVEQUOTES', 'EXPLICIT_IDS', 'ROUNDEC'])
/** Said where the data lies, who may read it, or how to plan: nothing here depends on them. */
const texts = ['IAM_ROLE', 'CREDENTIALS', 'ACCESS_KEY_ID', 'SECRET_ACCESS_KEY', 'SESSION_TOKEN', 'REGION']
const switches = ['COMPUPDATE', 'STATUPDATE']

export function parseCopy(c: Cursor): CopyCommand {
  c.expect('COPY')
  const path = [c.name().text.toLowerCase()]
  while (c.accept('.')) path.push(c.name().text.toLowerCase())
  const command: CopyCommand = {
    table: path[path.length - 1] as string,
    ...(path.length > 1 && { schema: path[path.length - 2] as string }),
    uri: '',
    format: 'delimited',
    delimiter: '|',
    quote: '"',
    headerLines: 0,
    nullText: '\\N',
    compression: 'none',
    manifest: false,
    errorsMax: 0,
    flags: new Set(),
  }
  if (c.accept('(')) {
    command.columns = c.list(() => c.name().text.toLowerCase())
    c.expect(')')
  }
  c.expect('FROM')
  const at = c.peek()
  command.uri = c.string()
  if (!/^s3:\/\//.test(command.uri)) throw notSupported(`COPY FROM '${command.uri}'`, at)
  let delimiterGiven = false
  while (!c.isDone && !c.is(';')) {
    if (c.is('DELIMITER')) delimiterGiven = true
    readOption(c, command)
  }
  c.expectEnd()
  if (command.format === 'csv' && !delimiterGiven) command.delimiter = ','
  return command
}

function readOption(c: Cursor, command: CopyCommand): void {
  const token = c.next()
  const word = token.key
  const text = () => {
    c.accept('AS')
    return c.string()
  }
  if (texts.includes(word)) {
    if (!c.accept('AS')) c.accept('=')
    if (!c.accept('DEFAULT')) c.string()
  } else if (switches.includes(word)) {
    if (c.isOneOf('ON', 'OFF', 'TRUE', 'FALSE', 'PRESET')) c.next()
  } else if (flags.includes(word)) {
    if (refusedFlags.has(word)) throw notSupported(`The COPY option ${word}`, token)
    command.flags.add(word)
  } else if (word === 'FORMAT') c.accept('AS')
  else if (word === 'CSV') command.format = 'csv'
  else if (word === 'PARQUET') command.format = 'parquet'
  else if (word === 'JSON') {
    command.format = 'json'
    c.accept('AS')
    command.jsonOption = c.peek().kind === 'string' ? c.string() : 'auto'
  } else if (word === 'DELIMITER') command.delimiter = text().replace('\\t', '\t')
  else if (word === 'QUOTE') command.quote = text()
  else if (word === 'IGNOREHEADER') {
    c.accept('AS')
    command.headerLines = Number(c.next().text)
  } else if (word === 'NULL') command.nullText = text()
  else if (word === 'GZIP') command.compression = 'gzip'
  else if (word === 'ZSTD') command.compression = 'zstd'
  else if (word === 'MANIFEST') command.manifest = true
  else if (word === 'DATEFORMAT') command.dateFormat = text()
  else if (word === 'TIMEFORMAT') command.timeFormat = text()
  else if (word === 'MAXERROR') {
    c.accept('AS')
    command.errorsMax = Number(c.next().text)
  } else if (word === 'ENCODING') {
    const encoding = c.accept('AS') || c.peek().kind === 'string' ? c.next().text : c.next().text
    if (!/^utf-?8$/i.test(encoding)) throw notSupported(`ENCODING ${encoding}`, token)
  } else if (token.kind === 'word') throw notSupported(`The COPY option ${token.text.toUpperCase()}`, token)
  else throw new SqlError(`ERROR: syntax error at or near "${token.text}"`, token)
}
