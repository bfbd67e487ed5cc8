/** The pages, at the left. */
import type { JSX } from 'preact'
import { t } from '../language/text.ts'
import { link } from '../router.ts'
import { sections } from '../sections.ts'
import { get } from '../server/control.ts'
import { useLive } from '../server/live.ts'
import { Icon, Mark } from './icons.tsx'

interface Props {
  page: string
  isOpen: boolean
  onKeys: () => void
}

export function Navigation({ page, isOpen, onKeys }: Props): JSX.Element {
  const { data } = useLive('health', () => get<{ version: string }>('health'), 15_000)
  return (
    <nav class={`nav ${isOpen ? 'open' : ''}`} aria-label={t('Pages')}>
      <a class="brand" href={link('flow')}>
        <Mark />
        Igarapé
      </a>
      {sections.map(({ id, name, icon, letter, group }) => (
        <>
          {group && <div class="nav-group">{t(group)}</div>}
          <a class="nav-link" href={link(id)} aria-current={id === page ? 'page' : undefined}>
            <Icon name={icon} />
            {t(name)}
            <kbd>g {letter}</kbd>
          </a>
        </>
      ))}
      <div class="nav-foot">
        <button class="as-link" type="button" onClick={onKeys}>
          {t('Keys')} <kbd>?</kbd>
        </button>
        <br />
        {data && <>Igarapé {data.version}</>}
        <br />
        {t('AWS pipelines on this machine')}
      </div>
    </nav>
  )
}
