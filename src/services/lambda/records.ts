/** What is kept of a function: its versions (`$LATEST` among them), and what belongs to the function as a whole. */
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { aliases } from './aliasRecords.ts'
import type { PackedCode } from './code.ts'
import { functionNotFound, latest } from './identifiers.ts'

export interface FunctionVersion {
  name: string
  version: string
  runtime: string
  handler: string
  role: string
  description: string
  timeoutSeconds: number
  memoryMegabytes: number
  ephemeralMegabytes: number
  environment: Record<string, string>
  /** ARNs of layer versions, in the order in which they are laid over each other. */
  layers: string[]
  code: PackedCode
  architectures: string[]
  deadLetterArn?: string
  tracingMode: string
  kmsKeyArn?: string
  logging: { format: 'Text' | 'JSON'; group?: string; applicationLevel?: string; systemLevel?: string }
  /** Kept and given back; it means nothing on one machine. */
  kept: { VpcConfig?: unknown; FileSystemConfigs?: unknown; SnapStart?: unknown }
  revisionId: string
  modifiedAt: Millis
}

/** `$LATEST` comes first, then the versions by number. */
export const functionVersions = collection<FunctionVersion>('lambda/versions', {
  version: 1,
  kept: true,
  key: (record) => [record.name, versionNumber(record.version)],
})

export interface FunctionSettings {
  name: string
  createdAt: Millis
  tags: Record<string, string>
  versionsCount: number
  reservedConcurrency?: number
}

export const functionSettings = collection<FunctionSettings>('lambda/functions', {
  version: 1,
  kept: true,
  key: (record) => [record.name],
})

export function versionNumber(version: string): number {
  return version === latest ? 0 : Number(version)
}

type Reader = Pick<Context | Tx, 'in' | 'account' | 'region'>

/** What a qualifier leads to. An alias with weights leads to one of its two versions, by chance. */
export interface Target {
  version: FunctionVersion
  alias?: string
}

export function getTarget(
  reader: Reader,
  reference: { name: string; qualifier?: string },
  chance: () => number = () => 1,
): Target | undefined {
  const { name, qualifier = latest } = reference
  const direct = qualifier === latest || /^\d+$/.test(qualifier)
  const alias = direct ? undefined : reader.in(aliases).get(name, qualifier)
  const wanted = direct ? qualifier : alias && chosenVersion(alias, chance)
  const version = wanted === undefined ? undefined : reader.in(functionVersions).get(name, versionNumber(wanted))
  return version && { version, ...(alias && { alias: alias.alias }) }
}

export function mustGetTarget(
  reader: Reader,
  reference: { name: string; qualifier?: string },
  chance?: () => number,
): Target {
  const target = getTarget(reader, reference, chance)
  if (!target) throw functionNotFound(reader, reference.name, reference.qualifier)
  return target
}

export function mustGetLatest(reader: Reader, name: string): FunctionVersion {
  return mustGetTarget(reader, { name }).version
}

function chosenVersion(alias: { version: string; weights: Record<string, number> }, chance: () => number): string {
  let left = chance()
  for (const [version, weight] of Object.entries(alias.weights)) {
    if (left < weight) return version
    left -= weight
  }
  return alias.version
}
