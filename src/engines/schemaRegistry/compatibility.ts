/** Whether a new version of a schema may follow those before it, by the schema's compatibility mode. */
import { avroMistake, avroReads } from './avroCompatibility.ts'
import { jsonAccepts, jsonSchemaMistake } from './jsonCompatibility.ts'
import { protobufLanguage } from './protobufCompatibility.ts'

export type SchemaFormat = 'AVRO' | 'JSON' | 'PROTOBUF'

export interface SchemaLanguage {
  /** What is wrong with a definition; undefined where nothing is. */
  mistakeIn(definition: string): string | undefined
  /** Whether what one wrote is read by another. Errors: Undecided. */
  reads(newer: string, older: string): boolean
  /** Two definitions that say the same are the same in it. */
  normal(definition: string): string
}

const asJson = (definition: string) => JSON.stringify(JSON.parse(definition))
const avro: SchemaLanguage = { mistakeIn: avroMistake, reads: avroReads, normal: asJson }
const json: SchemaLanguage = { mistakeIn: jsonSchemaMistake, reads: jsonAccepts, normal: asJson }

export async function languageOf(format: SchemaFormat): Promise<SchemaLanguage> {
  if (format === 'PROTOBUF') return protobufLanguage()
  return format === 'AVRO' ? avro : json
}

/** `former` are the versions from the checkpoint on, newest last. Errors: Undecided. */
export function isCompatible(
  { language, mode }: { language: SchemaLanguage; mode: string },
  definition: string,
  former: readonly string[],
): boolean {
  const compared = mode.endsWith('_ALL') ? former : former.slice(-1)
  const [kind] = mode.split('_')
  return compared.every((before) => {
    const backward = kind === 'FORWARD' || kind === 'NONE' || language.reads(definition, before)
    const forward = kind === 'BACKWARD' || kind === 'NONE' || language.reads(before, definition)
    return backward && forward
  })
}
