/** Connections of the engine that are closed by whoever no longer waits for what they do. */
import { expect, test } from 'vitest'
import { Database } from '../../src/engines/sql/duckdb.ts'

const limits = { memoryBytesMax: 64 * 1024 * 1024, threads: 2 }

test('a connection that is closed under its query ends with it, and begins nothing more', async () => {
  const database = await Database.open({ folders: [], limits })
  const connection = await database.connect()
  const begun = new Promise<void>((begin) => {
    const call = (value: bigint) => {
      begin()
      return value
    }
    connection.register({ name: 'seen', parameters: ['BIGINT'], returns: 'BIGINT', call })
  })
  const running = connection.all('SELECT count(*) FROM range(1000000000) AS a(x) WHERE seen(x) < 0')
  const ended = expect(running).rejects.toThrow('Interrupted')
  await begun

  connection.close()
  connection.interrupt()

  await ended
  await expect(connection.all('SELECT 1')).rejects.toThrow('The connection is closed.')
  const other = await database.connect()
  expect(await other.all('SELECT 2')).toEqual([[2]])
  other.close()
  database.close()
})
