/** Classifiers that users define: how their files are told and cut. What they do is in engines/inference/. */
import type {
  Classifier as ClassifierOutput,
  CreateClassifierCommandInput,
  CreateCsvClassifierRequest,
} from '@aws-sdk/client-glue'
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { datatypeNames } from '../../engines/inference/delimitedTypes.ts'
import type { CsvSettings, CustomClassifier } from '../../engines/inference/fileSchema.ts'
import { compileGrok, GrokError } from '../../engines/inference/grok.ts'
import { stepsOf } from '../../engines/inference/jsonSchema.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { dateOf } from './names.ts'
import { pageOf } from './pages.ts'

const { AlreadyExistsException, EntityNotFoundException, InvalidInputException } = awsErrors('glue')

const kinds = ['GrokClassifier', 'XMLClassifier', 'JsonClassifier', 'CsvClassifier'] as const
type Kind = (typeof kinds)[number]

export interface Classifier {
  name: string
  kind: Kind
  settings: Record<string, unknown>
  createdAt: Millis
  updatedAt: Millis
  version: number
}

export const classifiers = collection<Classifier>('glue/classifiers', { version: 1, key: ({ name }) => [name] })

export const classifierOperations = operations('glue', {
  async CreateClassifier(input, ctx) {
    const { kind, name, settings } = readClassifier(input)
    await ctx.commit((tx) => {
      if (tx.in(classifiers).has(name)) throw AlreadyExistsException(`Classifier with name ${name} already exists`)
      const now = ctx.clock.now()
      const classifier = { name, kind, settings, createdAt: now, updatedAt: now, version: 1 }
      customClassifier(classifier)
      tx.in(classifiers).put(classifier)
    })
    return {}
  },

  async UpdateClassifier(input, ctx) {
    const { kind, name, settings } = readClassifier(input as CreateClassifierCommandInput)
    await ctx.commit((tx) => {
      const there = mustGetClassifier(tx, name)
      if (there.kind !== kind) throw InvalidInputException(`Classifier ${name} is of another type.`)
      const changed = {
        ...there,
        settings: { ...there.settings, ...settings },
        updatedAt: ctx.clock.now(),
        version: there.version + 1,
      }
      customClassifier(changed)
      tx.in(classifiers).put(changed)
    })
    return {}
  },

  async GetClassifier(input, ctx) {
    return { Classifier: classifierOutput(mustGetClassifier(ctx, input.Name)) }
  },

  async GetClassifiers(input, ctx) {
    const { items, next } = pageOf(ctx.in(classifiers).list(), input)
    return { Classifiers: items.map(classifierOutput), ...next }
  },

  async DeleteClassifier(input, ctx) {
    await ctx.commit((tx) => {
      mustGetClassifier(tx, input.Name)
      tx.in(classifiers).delete(input.Name)
    })
    return {}
  },
})

function mustGetClassifier(ctx: Pick<Context | Tx, 'in'>, name: string): Classifier {
  const classifier = ctx.in(classifiers).get(name)
  if (!classifier) throw EntityNotFoundException(`Classifier with name ${name} does not exist`)
  return classifier
}

/** Exactly one of the four kinds is given. */
function readClassifier(input: CreateClassifierCommandInput) {
  const given = kinds.filter((kind) => input[kind] !== undefined)
  const [kind] = given
  if (!kind || given.length > 1) throw InvalidInputException('Exactly one classifier must be specified.')
  const { Name, ...settings } = input[kind] as { Name: string }
  return { kind, name: Name, settings: settings as Record<string, unknown> }
}

function classifierOutput({ name, kind, settings, createdAt, updatedAt, version }: Classifier): ClassifierOutput {
  const own = { Name: name, CreationTime: dateOf(createdAt), LastUpdated: dateOf(updatedAt), Version: version }
  return { [kind]: { ...settings, ...own } } as ClassifierOutput
}

/** As the inference knows it. Errors: InvalidInputException for a pattern, a path or a type that is none. */
export function customClassifier({ kind, settings }: Classifier): CustomClassifier {
  const text = settings as Record<string, string | undefined>
  switch (kind) {
    case 'CsvClassifier':
      return { kind: 'csv', csv: csvSettings(settings as unknown as CreateCsvClassifierRequest) }
    case 'JsonClassifier':
      try {
        stepsOf(text.JsonPath ?? '')
      } catch (error) {
        throw InvalidInputException((error as Error).message)
      }
      return { kind: 'json', jsonPath: text.JsonPath ?? '$' }
    case 'XMLClassifier':
      if (!text.RowTag) throw InvalidInputException('An XML classifier must have a row tag.')
      return { kind: 'xml', classification: text.Classification ?? 'xml', rowTag: text.RowTag }
    case 'GrokClassifier': {
      const {
        GrokPattern: pattern = '',
        CustomPatterns: customPatterns,
        Classification: classification = 'grok',
      } = text
      try {
        compileGrok(pattern, customPatterns)
      } catch (error) {
        if (error instanceof GrokError) throw InvalidInputException(error.message)
        throw error
      }
      return { kind: 'grok', classification, pattern, ...(customPatterns && { customPatterns }) }
    }
  }
}

function csvSettings(settings: CreateCsvClassifierRequest): CsvSettings {
  const { Delimiter, QuoteSymbol, ContainsHeader, Header, CustomDatatypes, CustomDatatypeConfigured, Serde } = settings
  if (Delimiter && Delimiter === QuoteSymbol)
    throw InvalidInputException('Delimiter and quote symbol must be different.')
  const unknown = (CustomDatatypes ?? []).find((name) => !datatypeNames.includes(name.toUpperCase()))
  if (unknown !== undefined) throw InvalidInputException(`Invalid custom datatype: ${unknown}`)
  const serde = { OpenCSVSerDe: 'opencsv', LazySimpleSerDe: 'lazy', None: undefined } as const
  const chosen = Serde && serde[Serde]
  return {
    ...(Delimiter && { delimiter: Delimiter }),
    ...(QuoteSymbol && { quote: QuoteSymbol }),
    header: ContainsHeader ?? 'UNKNOWN',
    ...(Header && Header.length > 0 && { names: Header }),
    keepsBlanks: settings.DisableValueTrimming ?? false,
    allowsOneColumn: settings.AllowSingleColumn ?? false,
    ...(CustomDatatypeConfigured &&
      CustomDatatypes && { datatypes: CustomDatatypes.map((name) => name.toUpperCase()) }),
    ...(chosen && { serde: chosen }),
  }
}
