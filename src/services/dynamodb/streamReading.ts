/** Gives others the streams of this service's tables to read (delivery/changeStreams.ts). */
import { type ChangeStream, type ChangeStreams, changeStreams } from '../../delivery/changeStreams.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { provide } from '../../delivery/singleton.ts'
import { isTooOld, streamPositions, streamRecords } from './streamRecords.ts'
import { type StoredStream, streamArn, streams } from './streams.ts'
import { describedKeys } from './tableDescriptions.ts'

type Reader = Pick<Context | Tx, 'in' | 'account' | 'region'>

export const streamsProvision = provide(
  changeStreams,
  (): ChangeStreams => ({
    *list(from) {
      for (const stream of from.in(streams).list()) yield described(from, stream)
    },

    get(from, arn) {
      const [, tableName = '', label = ''] = /:table\/([^/]+)\/stream\/([^/]+)$/.exec(arn) ?? []
      const stream = from.in(streams).get(tableName, label)
      return stream && streamArn(from, tableName, label) === arn ? described(from, stream) : undefined
    },

    *read(from, { tableName, label }, { number, now }) {
      const stream = from.in(streams).get(tableName, label)
      if (!stream) return
      for (const record of from.in(streamRecords).list({ prefix: [stream.id], from: [stream.id, number] })) {
        if (!isTooOld(record.at, now)) yield record
      }
    },
  }),
)

function described(from: Reader, stream: StoredStream): ChangeStream {
  const { id, keys, ...rest } = stream
  return {
    ...rest,
    arn: streamArn(from, stream.tableName, stream.label),
    keySchema: describedKeys(keys),
    last: from.in(streamPositions).get(id)?.last ?? 0,
  }
}
