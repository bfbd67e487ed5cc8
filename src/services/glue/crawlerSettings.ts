/** What a crawler may be told: targets of this machine, policies, and the JSON of its Configuration. */
import { InvalidSchedule, parseSchedule } from '../../engines/schedules/scheduleExpressions.ts'
import { awsErrors, NotImplemented } from '../../wire/errors.ts'
import type { CrawlerSettings } from './crawlerRecords.ts'

const { InvalidInputException } = awsErrors('glue')

export interface CrawlerConfiguration {
  combinesCompatibleSchemas: boolean
  tableLevel?: number
  mergesNewColumns: boolean
  partitionsInherit: boolean
  tablesMax?: number
  createsPartitionIndex: boolean
}

/** Errors: InvalidInputException; NotImplemented for targets that no service of this machine holds. */
export function checkCrawler(settings: CrawlerSettings): void {
  const { Targets = {}, RecrawlPolicy, SchemaChangePolicy } = settings
  const refused = ['MongoDBTargets', 'DeltaTargets', 'IcebergTargets', 'HudiTargets'] as const
  const found = refused.find((kind) => (Targets[kind]?.length ?? 0) > 0)
  if (found) throw NotImplemented(`glue: a crawler with ${found}`)
  if (settings.LakeFormationConfiguration?.UseLakeFormationCredentials)
    throw NotImplemented('glue: a crawler with credentials of Lake Formation')
  if (settings.LineageConfiguration?.CrawlerLineageSettings === 'ENABLE')
    throw NotImplemented('glue: a crawler with data lineage')
  const { S3Targets = [], DynamoDBTargets = [], JdbcTargets = [], CatalogTargets = [] } = Targets
  if (CatalogTargets.some(({ EventQueueArn }) => EventQueueArn))
    throw NotImplemented('glue: a Catalog target with an event queue')
  if (S3Targets.length + DynamoDBTargets.length + JdbcTargets.length + CatalogTargets.length === 0)
    throw InvalidInputException('No targets were specified.')
  for (const { Path = '', EventQueueArn } of S3Targets) {
    if (!/^s3:\/\/[^/]+|^[^/:]+(\/|$)/.test(Path)) throw InvalidInputException(`Invalid S3 path: ${Path}`)
    if (RecrawlPolicy?.RecrawlBehavior === 'CRAWL_EVENT_MODE' && !EventQueueArn)
      throw InvalidInputException('S3 target with event mode must have an event queue ARN.')
  }
  for (const { ConnectionName, Path, EnableAdditionalMetadata = [] } of JdbcTargets) {
    if (!ConnectionName || !Path) throw InvalidInputException('A JDBC target needs a connection and a path.')
    if (EnableAdditionalMetadata.length > 0) throw NotImplemented('glue: a JDBC target with EnableAdditionalMetadata')
  }
  checkPolicies(settings, CatalogTargets.length > 0)
  if (SchemaChangePolicy?.DeleteBehavior === undefined && CatalogTargets.length > 0)
    throw InvalidInputException(catalogDeletes)
  configurationOf(settings)
}

const catalogDeletes = 'The SchemaChangePolicy for "Catalog" targets can have only LOG DeleteBehavior value.'

function checkPolicies({ Targets, RecrawlPolicy, SchemaChangePolicy }: CrawlerSettings, hasCatalog: boolean): void {
  const { S3Targets = [], DynamoDBTargets = [], JdbcTargets = [] } = Targets ?? {}
  if (hasCatalog && S3Targets.length + DynamoDBTargets.length + JdbcTargets.length > 0)
    throw InvalidInputException('Catalog targets cannot be combined with targets of another kind.')
  if (hasCatalog && SchemaChangePolicy?.DeleteBehavior !== 'LOG') throw InvalidInputException(catalogDeletes)
  if (RecrawlPolicy?.RecrawlBehavior !== 'CRAWL_NEW_FOLDERS_ONLY') return
  const { UpdateBehavior, DeleteBehavior } = SchemaChangePolicy ?? {}
  if (UpdateBehavior !== 'LOG' || DeleteBehavior !== 'LOG')
    throw InvalidInputException(
      'The SchemaChangePolicy for "Crawl new folders only" Amazon S3 target can have only LOG DeleteBehavior value and LOG UpdateBehavior value.',
    )
}

/** Errors: InvalidInputException. */
export function checkSchedule(expression: string): void {
  try {
    if (!expression.startsWith('cron(')) throw new InvalidSchedule('only cron')
    parseSchedule(expression)
  } catch (error) {
    if (error instanceof InvalidSchedule) throw InvalidInputException(`Invalid schedule expression: ${expression}`)
    throw error
  }
}

interface ConfigurationText {
  Version?: number
  CrawlerOutput?: {
    Partitions?: { AddOrUpdateBehavior?: string }
    Tables?: { AddOrUpdateBehavior?: string; TableThreshold?: number }
  }
  Grouping?: { TableGroupingPolicy?: string; TableLevelConfiguration?: number }
  CreatePartitionIndex?: boolean
}

/** Errors: InvalidInputException for what is no JSON, or says what crawlers do not know. */
export function configurationOf({ Configuration }: Pick<CrawlerSettings, 'Configuration'>): CrawlerConfiguration {
  const { CrawlerOutput = {}, Grouping = {}, CreatePartitionIndex } = parsed(Configuration)
  const partitions = oneOf(CrawlerOutput.Partitions?.AddOrUpdateBehavior, 'InheritFromTable')
  const tables = oneOf(CrawlerOutput.Tables?.AddOrUpdateBehavior, 'MergeNewColumns')
  const grouping = oneOf(Grouping.TableGroupingPolicy, 'CombineCompatibleSchemas')
  const { TableLevelConfiguration: level } = Grouping
  const tablesMax = CrawlerOutput.Tables?.TableThreshold
  if (level !== undefined && !(Number.isInteger(Number(level)) && Number(level) >= 1))
    throw InvalidInputException('TableLevelConfiguration must be a positive whole number.')
  return {
    combinesCompatibleSchemas: grouping,
    ...(level !== undefined && { tableLevel: Number(level) }),
    mergesNewColumns: tables,
    partitionsInherit: partitions,
    ...(tablesMax !== undefined && { tablesMax }),
    createsPartitionIndex: CreatePartitionIndex === true,
  }
}

function parsed(text: string | undefined): ConfigurationText {
  if (!text) return {}
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw InvalidInputException('Crawler configuration is not valid JSON.')
  }
  if (typeof value !== 'object' || value === null || (value as ConfigurationText).Version !== 1)
    throw InvalidInputException('Crawler configuration must have "Version": 1.0.')
  return value as ConfigurationText
}

function oneOf(value: string | undefined, known: string): boolean {
  if (value !== undefined && value !== known)
    throw InvalidInputException(`Crawler configuration: ${value} is not known; there is ${known}.`)
  return value === known
}
