/** Types that a table has already, as the inference knows them. */
import { type HiveType, parseHiveType } from '../sql/hiveTypes.ts'
import { type InferredType, scalar } from './inferredTypes.ts'

/** What cannot be read stays as it is written. */
export function hiveType(text: string): InferredType {
  try {
    return inferred(parseHiveType(text))
  } catch {
    return scalar(text)
  }
}

function inferred(type: HiveType): InferredType {
  switch (type.kind) {
    case 'scalar':
      return scalar(type.args.length > 0 ? `${type.name}(${type.args.join(',')})` : type.name)
    case 'array':
      return { kind: 'array', element: inferred(type.element) }
    case 'map':
      return { kind: 'map', key: inferred(type.key), value: inferred(type.value) }
    case 'struct':
      return { kind: 'struct', fields: type.fields.map(({ name, type: inner }) => ({ name, type: inferred(inner) })) }
  }
}
