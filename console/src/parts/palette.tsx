/** Ctrl+K: every page and every thing that is deployed, by a few letters; what nothing is called is searched for among files. */
import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { t } from '../language/text.ts'
import { go, link } from '../router.ts'
import { sections } from '../sections.ts'
import { awsIfThere, type Output } from '../server/aws.ts'
import { useLive } from '../server/live.ts'
import { Icon, type IconName } from './icons.tsx'

interface Entry {
  name: string
  kind: string
  icon: IconName
  href: string
}

const shownMax = 40

export function Palette({ onClose }: { onClose: () => void }): JSX.Element {
  const [words, setWords] = useState('')
  const [at, setAt] = useState(0)
  const { data: things = [] } = useLive('palette', findThings, 0)
  const input = useRef<HTMLInputElement>(null)
  const list = useRef<HTMLDivElement>(null)
  const entries = useMemo(() => matching([...pageEntries(), ...things], words), [words, things])

  // Before the next key: what is typed right after Ctrl+K belongs here.
  useLayoutEffect(() => {
    const before = document.activeElement as HTMLElement | null
    input.current?.focus()
    return () => before?.focus()
  }, [])
  useEffect(() => list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' }), [at])

  const open = (entry: Entry | undefined) => {
    if (entry) location.hash = entry.href
    else go('flow', [], { search: words })
    onClose()
  }
  const pressed = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) setAt((at + step + entries.length) % Math.max(1, entries.length))
    else if (event.key === 'Enter') open(entries[at])
    else if (event.key === 'Escape') onClose()
    else if (event.key !== 'Tab') return
    event.preventDefault()
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a click beside the dialog closes it, as Esc does
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    <div class="palette-back" onClick={(event) => event.target === event.currentTarget && onClose()}>
      <div class="palette" role="dialog" aria-modal="true" aria-label={t('Go to, or find a file')} onKeyDown={pressed}>
        <div class="palette-input">
          <Icon name="search" size={18} />
          <input
            ref={input}
            value={words}
            placeholder={t('A page, a queue, a function, a file …')}
            role="combobox"
            aria-expanded="true"
            aria-controls="palette-list"
            aria-activedescendant={entries[at] ? `entry-${at}` : undefined}
            aria-label={t('Go to, or find a file')}
            onInput={(event) => {
              setWords(event.currentTarget.value)
              setAt(0)
            }}
          />
        </div>
        <div ref={list} id="palette-list" role="listbox" aria-label={t('Pages')}>
          {entries.map((entry, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: keys are the input's
            <div
              key={entry.href}
              id={`entry-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === at}
              onClick={() => open(entry)}
              onMouseMove={() => setAt(index)}
            >
              <Icon name={entry.icon} />
              <span class="truncate">{entry.name}</span>
              <small>{entry.kind}</small>
            </div>
          ))}
        </div>
        <div class="palette-foot">
          <span>
            <kbd>↑</kbd> <kbd>↓</kbd> {t('choose')}
          </span>
          <span>
            <kbd>Enter</kbd> {entries.length > 0 ? t('open') : t('find among files and events')}
          </span>
          <span>
            <kbd>g</kbd> + {t('letter')}
          </span>
        </div>
      </div>
    </div>
  )
}

function pageEntries(): Entry[] {
  return sections.map(({ id, name, icon, letter }) => ({ name: t(name), kind: `g ${letter}`, icon, href: link(id) }))
}

/** All letters in their order; those that begin with them first. */
function matching(entries: Entry[], words: string): Entry[] {
  const wanted = words.trim().toLowerCase()
  if (!wanted) return entries.slice(0, shownMax)
  const rank = ({ name }: Entry) => {
    const at = name.toLowerCase().indexOf(wanted)
    return at < 0 ? Number.POSITIVE_INFINITY : at
  }
  const found = entries.filter((entry) => Number.isFinite(rank(entry)))
  return found.sort((a, b) => rank(a) - rank(b)).slice(0, shownMax)
}

async function findThings(): Promise<Entry[]> {
  const [buckets, functions, queues, jobs, rules, databases, groups] = await Promise.all([
    awsIfThere('s3', 'ListBuckets'),
    awsIfThere('lambda', 'ListFunctions'),
    awsIfThere('sqs', 'ListQueues'),
    awsIfThere('glue', 'GetJobs'),
    awsIfThere('eventbridge', 'ListRules'),
    awsIfThere('glue', 'GetDatabases'),
    awsIfThere('cloudwatch-logs', 'DescribeLogGroups'),
  ])
  const entry = (kind: string, icon: IconName, page: string) => (name: string) => ({
    name,
    kind,
    icon,
    href: link(page, [name]),
  })
  return [
    ...(buckets?.Buckets ?? []).map((one: Output) => entry(t('bucket'), 'bucket', 'objects')(one.Name)),
    ...(functions?.Functions ?? []).map((one: Output) =>
      entry(t('function'), 'function', 'functions')(one.FunctionName),
    ),
    ...(queues?.QueueUrls ?? []).map((url: string) => entry(t('queue'), 'queue', 'queues')(url.split('/').pop() ?? '')),
    ...(jobs?.Jobs ?? []).map((one: Output) => entry(t('job'), 'job', 'jobs')(one.Name)),
    ...(rules?.Rules ?? []).map((one: Output) => ({
      ...entry(t('rule'), 'rule', 'events')(one.Name),
      href: link('events', ['patterns'], { rule: one.Name, bus: one.EventBusName }),
    })),
    ...(databases?.DatabaseList ?? []).map((one: Output) => entry(t('database'), 'catalog', 'catalog')(one.Name)),
    ...(groups?.logGroups ?? []).map((one: Output) => entry(t('log group'), 'logs', 'logs')(one.logGroupName)),
  ]
}
