/** Whether a new version of a schema may follow those before it, by the schema's compatibility mode. */
import { avroMistake, avroReads } from './avroCompatibility.ts'
import { jsonAccepts, jsonSchemaMistake } from './jsonCompatibility.ts'

export type SchemaFormat = 'AVRO' | 'JSON'

/** What is wrong with a definition; undefined where nothing is. */
export function mistakeIn(format: SchemaFormat, definition: string): string | undefined {
  return format === 'AVRO' ? avroMistake(definition) : jsonSchemaMistake(definition)
}

/** `former` are the versions from the checkpoint on, newest last. Errors: Undecided. */
export function isCompatible(
  { format, mode }: { format: SchemaFormat; mode: string },
  definition: string,
  former: readonly string[],
): boolean {
  const reads = format === 'AVRO' ? avroReads : jsonAccepts
  const compared = mode.endsWith('_ALL') ? former : former.slice(-1)
  const [kind] = mode.split('_')
  return compared.every((before) => {
    const backward = kind === 'FORWARD' || kind === 'NONE' || reads(definition, before)
    const forward = kind === 'BACKWARD' || kind === 'NONE' || reads(before, definition)
    return backward && forward
  })
}
