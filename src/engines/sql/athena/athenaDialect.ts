/** Athena's SQL (Trino's) as a dialect of the shared grammar. */
import type { Dialect, Fragment, Translation } from '../dialect.ts'
import { trinoDateParts } from './athenaDates.ts'
import { isMap, trinoFunctions } from './athenaFunctions.ts'
import { castTrino, readTrinoType, trinoLiteral } from './athenaTypes.ts'

const moment = (t: Translation) => `CAST('${t.now}' AS TIMESTAMP)`

export const athenaDialect: Dialect = {
  name: 'athena',
  functions: { ...trinoFunctions, now: (_, t) => `CAST('${t.now}+00' AS TIMESTAMPTZ)` },
  keywords: {
    CURRENT_DATE: (t) => `CAST(${moment(t)} AS DATE)`,
    CURRENT_TIMESTAMP: (t) => `CAST('${t.now}+00' AS TIMESTAMPTZ)`,
    LOCALTIMESTAMP: moment,
    LOCALTIME: (t) => `CAST(${moment(t)} AS TIME)`,
    CURRENT_TIMEZONE: () => "'UTC'",
  },
  readType: readTrinoType,
  cast: castTrino,
  divide: (left, right) => `igp_div(${left}, ${right})`,
  modulo: (left, right) => `igp_mod(${left}, ${right})`,
  subscript: (base: Fragment, index: Fragment, t) => {
    if (isMap(base, t) || index.literal?.kind === 'string') return `igp_map_at(${base.sql}, ${index.sql})`
    return `igp_list_at(${base.sql}, ${index.sql})`
  },
  dateParts: trinoDateParts,
  typedLiteral: trinoLiteral,
  anonymousName: (index) => `_anon_${index}`,
  allows: {},
}
