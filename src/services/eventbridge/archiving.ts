/**
 * How events come into archives: each archive has a managed rule on its bus, as AWS makes it, which lets no replayed
 * event through; what the rule matches is appended to the archive's log in the commit that accepted the event.
 */
import type { Tx } from '../../delivery/context.ts'
import { readJson, writeJson } from '../../engines/patterns/jsonText.ts'
import type { Scope } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { type Archive, archiveArn, archives } from './archives.ts'
import type { RoutedEvent } from './routing.ts'
import { type Rule, removeRule, rules, saveRule } from './rules.ts'

const { ResourceAlreadyExistsException } = awsErrors('eventbridge')
const managedBy = 'prod.vhs.events.aws.internal'
const replayedNever = '"replay-name":[{"exists":false}]'

export function archiveRuleName(archive: string): string {
  return `Events-Archive-${archive}`
}

/** Makes or changes the rule. Errors: ResourceAlreadyExistsException where someone else's rule has its name. */
export function saveArchiveRule(tx: Tx, archive: Archive): void {
  const name = archiveRuleName(archive.name)
  const existing = tx.in(rules).get(archive.bus, name)
  if (existing && existing.archiveLog !== archive.log)
    throw ResourceAlreadyExistsException(`Rule ${name} already exists.`)
  saveRule(tx, {
    bus: archive.bus,
    name,
    state: 'ENABLED',
    pattern: archivePattern(archive.pattern),
    managedBy,
    archiveLog: archive.log,
    tags: existing?.tags ?? [],
    targets: [archiveTarget(archive, name, tx)],
  })
}

export function removeArchiveRule(tx: Tx, archive: Archive): void {
  const rule = tx.in(rules).get(archive.bus, archiveRuleName(archive.name))
  if (rule?.archiveLog === archive.log) removeRule(tx, rule)
}

/** The rule was deleted by force: its archive gets nothing any more, and keeps what it has. */
export function archiveRuleRemoved(tx: Tx, rule: Rule): void {
  if (rule.archiveLog === undefined) return
  const archive = tx.in(archives).get(rule.name.slice(archiveRuleName('').length))
  if (archive?.log !== rule.archiveLog) return
  tx.in(archives).put({ ...archive, state: 'DISABLED', stateReason: 'The managed rule of the archive was deleted.' })
}

/** A bus goes with its rules; what was archived of it stays. */
export function archivesLoseBus(tx: Tx, bus: string): void {
  for (const archive of [...tx.in(archives).list()].filter((each) => each.bus === bus)) {
    tx.in(archives).put({ ...archive, state: 'DISABLED', stateReason: 'The source event bus was deleted.' })
  }
}

/** What the managed rule does with an event that it matches. */
export function archiveEvent(tx: Tx, { archiveLog, targets }: Rule, event: RoutedEvent): void {
  // A rule whose target was removed by force sends to nothing, as any rule.
  if (archiveLog === undefined || targets.length === 0) return
  tx.append(archiveLog, { at: eventTime(event), body: event.json, brief: true })
}

/** The `time` of an envelope. Ours has it before the detail, where it is found without reading the rest. */
export function eventTime({ json, ingestedAt }: Pick<RoutedEvent, 'json' | 'ingestedAt'>): number {
  const found = json.indexOf(',"time":"')
  const detail = json.indexOf('"detail":')
  const text =
    found > 0 && (detail < 0 || found < detail) ? json.slice(found + 9, json.indexOf('"', found + 9)) : slowTime(json)
  const time = Date.parse(text)
  return Number.isNaN(time) ? ingestedAt : time
}

function slowTime(json: string): string {
  const event = JSON.parse(json) as { time?: unknown } | null
  return String(event?.time)
}

function archivePattern(pattern: string | undefined): string {
  const own = pattern ? readJson(pattern) : undefined
  const kept = own?.kind === 'object' ? own.entries.filter(([key]) => key !== 'replay-name') : []
  if (kept.length === 0) return `{${replayedNever}}`
  return `${writeJson({ kind: 'object', entries: kept }).slice(0, -1)},${replayedNever}}`
}

/** As AWS shows it; here the rule itself knows its log. */
function archiveTarget(archive: Archive, id: string, scope: Scope) {
  const incarnation = `${archiveArn(archive.name, scope)}:${archive.log.replace(/^archive-/, '')}`
  return {
    Id: id,
    Arn: `arn:aws:events:${scope.region}:::`,
    InputTransformer: {
      InputPathsMap: {},
      InputTemplate: `{"archive-arn": "${incarnation}", "event": <aws.events.event.json>, "ingestion-time": <aws.events.event.ingestion-time>}`,
    },
  }
}
