/** Spark's recorded answers to the corpus, what an engine answers, and where the two are known to differ. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const contractFolder = import.meta.dirname
export const corpusFolder = join(contractFolder, 'corpus')
export const runnerFile = join(contractFolder, 'corpus.py')

export interface Answer {
  name: string
  answer?: unknown
  /** The kind of the error, as a script can tell it apart; its words are not compared. */
  error?: string
  text?: string
  refused?: string
}

export type Outcome = 'same' | 'different' | 'refused' | 'other error' | 'error instead of an answer' | 'no error'

export interface KnownDifference {
  outcome: Outcome
  why: string
}

export function readAnswers(file: string): Map<string, Answer> {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean)
  return new Map(lines.map((line) => JSON.parse(line) as Answer).map((answer) => [answer.name, answer]))
}

export const recorded = () => readAnswers(join(contractFolder, 'spark-3.5.6.jsonl'))

export const knownDifferences = (): Record<string, KnownDifference> =>
  JSON.parse(readFileSync(join(contractFolder, 'differences.json'), 'utf8'))

export function outcomeOf(spark: Answer, ours: Answer | undefined): Outcome {
  if (ours?.refused !== undefined) return 'refused'
  if (spark.error === undefined) {
    if (ours?.error !== undefined) return 'error instead of an answer'
    return JSON.stringify(ours?.answer) === JSON.stringify(spark.answer) ? 'same' : 'different'
  }
  if (ours?.error === undefined) return 'no error'
  return ours.error === spark.error ? 'same' : 'other error'
}
