/** A value of Trino's JSON in the form Athena gives it. */
import { javaDouble } from '../trino/natives/numbers.ts'
import type { SqlType } from '../trino/sqlTypes.ts'
import type { ClusterValue } from './trinoCluster.ts'

export function clusterText(value: ClusterValue, type: SqlType): string | null {
  if (value === null) return null
  switch (type.kind) {
    case 'array':
      return `[${(value as ClusterValue[]).map((item) => clusterText(item, type.element) ?? 'null').join(', ')}]`
    case 'map':
      return `{${Object.entries(value)
        .map(([key, item]) => `${clusterText(key, type.key)}=${clusterText(item, type.value) ?? 'null'}`)
        .join(', ')}}`
    case 'row':
      return `{${type.fields
        .map(({ name, type: field }, i) => {
          const item = (value as ClusterValue[])[i] ?? null
          return `${name ?? `field${i}`}=${clusterText(item, field) ?? 'null'}`
        })
        .join(', ')}}`
    case 'double':
    case 'real':
      return javaDouble(Number(value))
    case 'timestamp':
      return millisecondsOf(String(value))
    case 'varbinary':
      return [...Buffer.from(String(value), 'base64')].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    default:
      return String(value)
  }
}

/** Three digits of a second's fraction, whatever the type has. */
function millisecondsOf(text: string): string {
  return text.replace(/^(\S+ \d\d:\d\d:\d\d)(?:\.(\d+))?/, (_, moment: string, fraction = '') => {
    return `${moment}.${String(fraction).slice(0, 3).padEnd(3, '0')}`
  })
}
