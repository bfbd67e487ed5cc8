/** The frame around every page: navigation, the bar, keys, and the lock where the server demands a key. */
import type { ComponentType, JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { keyboard } from './keyboard.ts'
import { t } from './language/text.ts'
import { FlowPage } from './pages/flow/flowPage.tsx'
import { Locked } from './pages/locked.tsx'
import { Bar } from './parts/bar.tsx'
import { Busy, Trouble } from './parts/blocks.tsx'
import { Navigation } from './parts/navigation.tsx'
import { Palette } from './parts/palette.tsx'
import { Shortcuts } from './parts/shortcuts.tsx'
import { Toasts } from './parts/toasts.tsx'
import { type Place, usePlace } from './router.ts'
import { get, Problem } from './server/control.ts'
import { useSettings } from './settings.ts'

export interface PageProps {
  place: Place
}

type Page = ComponentType<PageProps>

/** The first page comes with the frame; the others when they are gone to. */
const later: Record<string, () => Promise<Page>> = {
  events: () => import('./pages/events/eventsPage.tsx').then((file) => file.EventsPage),
  queues: () => import('./pages/queues/queuesPage.tsx').then((file) => file.QueuesPage),
  objects: () => import('./pages/objects/objectsPage.tsx').then((file) => file.ObjectsPage),
  mail: () => import('./pages/mail/mailPage.tsx').then((file) => file.MailPage),
  jobs: () => import('./pages/jobs/jobsPage.tsx').then((file) => file.JobsPage),
  functions: () => import('./pages/functions/functionsPage.tsx').then((file) => file.FunctionsPage),
  catalog: () => import('./pages/catalog/catalogPage.tsx').then((file) => file.CatalogPage),
  sql: () => import('./pages/sql/sqlPage.tsx').then((file) => file.SqlPage),
  tables: () => import('./pages/tables/tablesPage.tsx').then((file) => file.TablesPage),
  logs: () => import('./pages/logs/logsPage.tsx').then((file) => file.LogsPage),
  metrics: () => import('./pages/metrics/metricsPage.tsx').then((file) => file.MetricsPage),
}

const loaded = new Map<string, Page>([['flow', FlowPage]])

export function App(): JSX.Element {
  useSettings()
  const place = usePlace()
  const [isLocked, setLocked] = useState(false)
  const [isPaletteOpen, openPalette] = useState(false)
  const [areKeysShown, showKeys] = useState(false)
  const [isMenuOpen, openMenu] = useState(false)
  const isFirst = useRef(true)

  useEffect(() => {
    const lock = () => setLocked(true)
    addEventListener('igarape:locked', lock)
    get<{ isOpen: boolean }>('console/session').then(
      ({ isOpen }) => setLocked(!isOpen),
      () => undefined,
    )
    return () => removeEventListener('igarape:locked', lock)
  }, [])
  useEffect(() => keyboard({ openPalette: () => openPalette(true), openShortcuts: () => showKeys(true) }), [])
  useEffect(() => {
    openMenu(false)
    // Who reads by ear or goes by Tab begins at the new page, not at the list of pages.
    if (!isFirst.current) document.getElementById('content')?.focus({ preventScroll: true })
    isFirst.current = false
  }, [place.page])

  if (isLocked) return <Locked onOpen={() => setLocked(false)} />
  return (
    <div class="shell">
      {/* biome-ignore lint/a11y/useValidAnchor: the hash of the address is the page, so the jump is made by hand */}
      <a class="skip" href="#content" onClick={toContent}>
        {t('To the content')}
      </a>
      <Navigation page={place.page} isOpen={isMenuOpen} onKeys={() => showKeys(true)} />
      <div>
        <Bar onSearch={() => openPalette(true)} onMenu={() => openMenu(!isMenuOpen)} />
        <main class="page" id="content" tabIndex={-1}>
          <PageOf place={place} />
        </main>
      </div>
      {isPaletteOpen && <Palette onClose={() => openPalette(false)} />}
      {areKeysShown && <Shortcuts onClose={() => showKeys(false)} />}
      <Toasts />
    </div>
  )
}

function toContent(event: Event): void {
  event.preventDefault()
  document.getElementById('content')?.focus()
}

function PageOf({ place }: PageProps): JSX.Element {
  const [, redraw] = useState(0)
  const [problem, setProblem] = useState<Problem>()
  const Found = loaded.get(place.page)
  useEffect(() => {
    setProblem(undefined)
    const load = later[place.page]
    if (loaded.has(place.page) || !load) return
    load().then(
      (page) => {
        loaded.set(place.page, page)
        redraw((count) => count + 1)
      },
      () => setProblem(new Problem('ServerGone', t('This page could not be loaded.'), 0)),
    )
  }, [place.page])
  if (problem) return <Trouble problem={problem} refresh={() => location.reload()} />
  if (Found) return <Found place={place} />
  if (!later[place.page])
    return <Trouble problem={new Problem('NoSuchPage', t('There is no page {page}.', { page: place.page }), 404)} />
  return <Busy lines={6} />
}
