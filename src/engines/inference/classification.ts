/**
 * Which format a text has: the crawler's own classifiers in their order, then the built-in ones in Glue's. Formats that
 * carry their own schema (Parquet, ORC, Avro) are told by their first bytes, and read elsewhere.
 */
import { delimitedSchema } from './delimitedText.ts'
import type { CustomClassifier, FileSchema } from './fileSchema.ts'
import { unknownSchema } from './fileSchema.ts'
import { grokSchema } from './grok.ts'
import { jsonSchema } from './jsonSchema.ts'
import type { Unpacked } from './unpacking.ts'
import { xmlSchema } from './xmlSchema.ts'

export type SelfDescribing = 'parquet' | 'orc' | 'avro'

export function selfDescribing(bytes: Buffer): SelfDescribing | undefined {
  const magic = bytes.toString('latin1', 0, 4)
  if (magic === 'PAR1') return 'parquet'
  if (magic.startsWith('ORC')) return 'orc'
  if (magic === 'Obj\u0001') return 'avro'
  return undefined
}

/** Compiling Grok costs more than most files: only what looks like an access log is held against it. */
const accessLog = /^\S+ \S+ \S+ \[[^\]]+\] "/
const apache = { classification: 'apache', patterns: ['%{COMBINEDAPACHELOG}', '%{COMMONAPACHELOG}'] }

export function classified(sample: Unpacked, classifiers: readonly CustomClassifier[]): FileSchema {
  for (const classifier of classifiers) {
    const schema = byCustom(sample, classifier)
    if (schema) return schema
  }
  return byBuiltIn(sample) ?? unknownSchema(sample.compression)
}

function byCustom(sample: Unpacked, classifier: CustomClassifier): FileSchema | undefined {
  switch (classifier.kind) {
    case 'csv':
      return delimitedSchema(sample, sample.compression, classifier.csv)
    case 'json':
      return jsonSchema(sample, sample.compression, classifier.jsonPath)
    case 'xml':
      return xmlSchema(sample, sample.compression, classifier)
    case 'grok':
      return grokSchema(sample, sample.compression, classifier)
  }
}

function byBuiltIn(sample: Unpacked): FileSchema | undefined {
  const { bytes, compression } = sample
  if (bytes.length === 0) return undefined
  const first = /[^\s\uFEFF]/.exec(bytes.toString('utf8', 0, 4096))?.[0]
  if (first === '{' || first === '[') {
    const schema = jsonSchema(sample, compression)
    if (schema) return schema
  }
  const patterns = accessLog.test(bytes.toString('utf8', 0, 4096)) ? apache.patterns : []
  for (const pattern of patterns) {
    const schema = grokSchema(sample, compression, { classification: apache.classification, pattern })
    if (schema) return schema
  }
  return delimitedSchema(sample, compression)
}
