/**
 * Whether a text is a DQDL ruleset, and what is in it. A ruleset is checked when it is made, and no interpreter should
 * have to start for that: so this is a twin of the parser that evaluates rulesets (runtimes/glue/awsgluedq/dqdl), which
 * one test holds against the other.
 */
import { type ReadRule, RulesetReader } from './dataQualityGrammar.ts'
import { RulesetError } from './dataQualityTokens.ts'

export interface RulesetSummary {
  rules: number
  analyzers: number
  /** Some rule asks for earlier results: `last(…)`. */
  isDynamic: boolean
}

/** How many parameters it takes, and whether it needs an expression. */
interface RuleType {
  least: number
  most: number
  needsCondition?: boolean
}

const ruleTypes: Record<string, RuleType> = {
  AggregateMatch: { least: 2, most: 2, needsCondition: true },
  ColumnCorrelation: { least: 2, most: 2, needsCondition: true },
  ColumnCount: { least: 0, most: 0, needsCondition: true },
  ColumnDataType: { least: 1, most: 1, needsCondition: true },
  ColumnExists: { least: 1, most: 1 },
  ColumnLength: { least: 1, most: 1, needsCondition: true },
  ColumnNamesMatchPattern: { least: 1, most: 1 },
  ColumnValues: { least: 1, most: 1, needsCondition: true },
  Completeness: { least: 1, most: 1, needsCondition: true },
  CustomSql: { least: 1, most: 1 },
  DataFreshness: { least: 1, most: 1, needsCondition: true },
  DatasetMatch: { least: 2, most: 3 },
  DistinctValuesCount: { least: 1, most: 1, needsCondition: true },
  Entropy: { least: 1, most: 1, needsCondition: true },
  FileFreshness: { least: 1, most: 1, needsCondition: true },
  FileSize: { least: 1, most: 1, needsCondition: true },
  IsComplete: { least: 1, most: 1 },
  IsPrimaryKey: { least: 1, most: 50 },
  IsUnique: { least: 1, most: 50 },
  Mean: { least: 1, most: 1, needsCondition: true },
  ReferentialIntegrity: { least: 2, most: 2 },
  RowCount: { least: 0, most: 0, needsCondition: true },
  RowCountMatch: { least: 1, most: 1 },
  SchemaMatch: { least: 1, most: 1 },
  StandardDeviation: { least: 1, most: 1, needsCondition: true },
  Sum: { least: 1, most: 1, needsCondition: true },
  UniqueValueRatio: { least: 1, most: 1, needsCondition: true },
  Uniqueness: { least: 1, most: 50, needsCondition: true },
}

/** AWS has these too: a ruleset with them is refused by name, here and where it would be evaluated. */
const unsupported = ['AllStatistics', 'DetectAnomalies', 'FileMatch', 'FileUniqueness']

const neverDynamic = ['ColumnDataType', 'ColumnLength', 'ColumnValues', 'DataFreshness', 'FileFreshness', 'FileSize']

const analyzerTypes = [
  'ColumnCorrelation',
  'ColumnCount',
  'ColumnLength',
  'ColumnValues',
  'Completeness',
  'CustomSql',
  'DistinctValuesCount',
  'Entropy',
  'Mean',
  'RowCount',
  'StandardDeviation',
  'Sum',
  'UniqueValueRatio',
  'Uniqueness',
]

/** A rule type that AWS has and this machine has not. */
export class UnsupportedRule extends Error {}

/** Errors: RulesetError with line and column; UnsupportedRule. */
export function readRuleset(text: string): RulesetSummary {
  const { rules, listed, analyzers } = new RulesetReader(text).ruleset()
  for (const rule of [...rules, ...analyzers]) checkKind(rule)
  for (const rule of rules) {
    checkShape(rule)
    if (rule.isDynamic && neverDynamic.includes(rule.kind))
      throw new UnsupportedRule(`a dynamic rule of the DQDL rule type ${rule.kind}`)
  }
  for (const analyzer of analyzers) checkAnalyzer(analyzer)
  return { rules: listed, analyzers: analyzers.length, isDynamic: rules.some(({ isDynamic }) => isDynamic) }
}

function checkKind({ kind, text }: ReadRule): void {
  if (unsupported.includes(kind)) throw new UnsupportedRule(`the DQDL rule type ${kind}`)
  if (!Object.hasOwn(ruleTypes, kind)) throw new RulesetError(`${text}: there is no rule type ${kind}`)
}

function checkShape({ kind, text, parameters, hasCondition }: ReadRule): void {
  const { least, most, needsCondition } = ruleTypes[kind] as RuleType
  const wanted = least === most ? least : `${least} to ${most}`
  if (parameters < least || parameters > most) throw new RulesetError(`${text}: ${kind} takes ${wanted} parameters`)
  if (needsCondition && !hasCondition) throw new RulesetError(`${text}: ${kind} needs an expression`)
}

function checkAnalyzer(analyzer: ReadRule): void {
  const { kind, text, hasCondition, hasThreshold } = analyzer
  if (!analyzerTypes.includes(kind)) throw new RulesetError(`${text}: ${kind} is no analyzer`)
  if (hasCondition || hasThreshold) throw new RulesetError(`${text}: an analyzer has no expression`)
  checkShape({ ...analyzer, hasCondition: true })
}
