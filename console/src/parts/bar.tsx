/** Above every page: the way to everything, whether the server answers and what time it has, language and light. */
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { clock, t } from '../language/text.ts'
import { serverNow, serverTime } from '../server/clock.ts'
import { useLive } from '../server/live.ts'
import { chooseLanguage, chooseTheme, type Theme, useSettings } from '../settings.ts'
import { Button } from './blocks.tsx'
import { Icon } from './icons.tsx'

const nextTheme: Record<Theme, Theme> = { auto: 'light', light: 'dark', dark: 'auto' }

export function Bar({ onSearch, onMenu }: { onSearch: () => void; onMenu: () => void }): JSX.Element {
  const { language, theme } = useSettings()
  const themeNames = { auto: t('Light as the system'), light: t('Light'), dark: t('Dark') }
  return (
    <div class="bar">
      <span class="menu-button">
        <Button icon="menu" label={t('Pages')} onClick={onMenu} />
      </span>
      <button class="jump" type="button" onClick={onSearch}>
        <Icon name="search" />
        <span class="truncate">{t('Go to, or find a file')}</span>
        <kbd>Ctrl K</kbd>
      </button>
      <div class="bar-end">
        <LiveMark />
        <button
          class="button bare"
          type="button"
          aria-label={language === 'en' ? 'PT, mudar para português' : 'EN, switch to English'}
          title={language === 'en' ? 'Mudar para português' : 'Switch to English'}
          onClick={() => chooseLanguage(language === 'en' ? 'pt-BR' : 'en')}
        >
          {language === 'en' ? 'PT' : 'EN'}
        </button>
        <Button
          icon={theme === 'auto' ? 'auto' : theme === 'light' ? 'sun' : 'moon'}
          label={themeNames[theme]}
          onClick={() => chooseTheme(nextTheme[theme])}
        />
      </div>
    </div>
  )
}

/** AWS's clock, which may be moved by hand. */
function LiveMark(): JSX.Element {
  const { data, problem } = useLive('clock', serverTime, 5_000)
  const [shown, show] = useState('')
  useEffect(() => {
    if (!data) return
    const tick = () => show(clock(serverNow()))
    tick()
    if (data.isVirtual) return
    const timer = setInterval(tick, 1_000)
    return () => clearInterval(timer)
  }, [data])
  return (
    <span class={`live-mark ${problem ? 'gone' : ''}`} title={problem ? problem.message : t('The server answers')}>
      <i class="pulse" />
      {problem ? t('No answer') : <time>{shown}</time>}
      {data?.isVirtual && !problem && <span class="badge warn">{t('virtual clock')}</span>}
    </span>
  )
}
