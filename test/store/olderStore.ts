/** A data folder as an older version left it: records of older forms, which a server of today is then started on. */

import type { Collection } from '../../src/store/collection.ts'
import { collection } from '../../src/store/collection.ts'
import { openBackend } from '../../src/store/loggedBackend.ts'
import { Store } from '../../src/store/store.ts'

export const scope = { account: '000000000000', region: 'us-east-1' }

/** Some records of a collection as it was: of its name, and of a version before. */
export interface OlderRecords<R> {
  of: Pick<Collection<R>, 'name' | 'key'>
  version: number
  records: readonly object[]
}

export async function writeOlder(folder: string, ...all: readonly OlderRecords<never>[]): Promise<void> {
  const store = await Store.open(await openBackend(folder, { durable: true }))
  await store.commit((tx) => {
    for (const { of, version, records } of all) {
      const older = collection<object>(of.name, {
        version,
        key: of.key as never,
        migrate: (record) => record as object,
      })
      for (const record of records) tx.in(older, scope).put(record)
    }
  })
  await store.close()
}
