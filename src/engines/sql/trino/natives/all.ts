/** Every native, by name: a statement registers those that its text calls. */
import { binaryNatives } from './binary.ts'
import { dateNatives } from './dates.ts'
import { digestNatives } from './digests.ts'
import { distributionNatives } from './distributions.ts'
import { elementaryNatives } from './elementary.ts'
import { jsonNatives } from './json.ts'
import { type Native, NativeError, native } from './native.ts'
import { numberNatives } from './numbers.ts'
import { regexNatives } from './regex.ts'
import { textNatives } from './text.ts'
import { urlNatives } from './urls.ts'

/** Ends the statement with a message: `CODE: words`. */
const fail: Native = native('fail', ['VARCHAR'], 'VARCHAR', (message) => {
  const colon = message.indexOf(': ')
  throw new NativeError(message.slice(0, colon), message.slice(colon + 2))
})

export function allNatives(): ReadonlyMap<string, Native> {
  const natives = [
    fail,
    ...numberNatives,
    ...digestNatives,
    ...distributionNatives,
    ...elementaryNatives,
    ...textNatives,
    ...regexNatives(),
    ...jsonNatives,
    ...dateNatives,
    ...binaryNatives,
    ...urlNatives,
  ]
  return new Map(natives.map((one) => [one.name, one]))
}
