/** Shard iterators: which record comes next, and since when the iterator is known. They are used within 15 minutes. */
import type { Millis } from '../../clock.ts'
import { awsError, awsErrors } from '../../wire/errors.ts'

const { ExpiredIteratorException } = awsErrors('dynamodb-streams')

const livesMillis = 15 * 60_000

export interface ShardIterator {
  streamArn: string
  shardId: string
  /** The number of the record that comes next. */
  number: number
  madeAt: Millis
}

export function spelled({ streamArn, ...rest }: ShardIterator): string {
  return `${streamArn}|1|${Buffer.from(JSON.stringify(rest)).toString('base64')}`
}

export function iteratorFrom(text: string, now: Millis): ShardIterator {
  const iterator = readFrom(text)
  if (!iterator) throw awsError('ValidationException', 'Invalid ShardIterator')
  if (iterator.madeAt + livesMillis >= now) return iterator
  throw ExpiredIteratorException('Iterator expired')
}

function readFrom(text: string): ShardIterator | undefined {
  const [streamArn = '', version, encoded = ''] = text.split('|')
  if (version !== '1') return undefined
  try {
    const rest = JSON.parse(Buffer.from(encoded, 'base64').toString()) as Omit<ShardIterator, 'streamArn'> | null
    const isWhole = typeof rest?.shardId === 'string' && Number.isInteger(rest.number) && Number.isFinite(rest.madeAt)
    return isWhole ? { ...rest, streamArn } : undefined
  } catch {
    return undefined
  }
}
