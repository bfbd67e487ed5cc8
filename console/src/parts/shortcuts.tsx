/** The keys that work everywhere, listed: `?` opens it. */
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { t } from '../language/text.ts'
import { sections } from '../sections.ts'
import { Button } from './blocks.tsx'

export function Shortcuts({ onClose }: { onClose: () => void }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  const keys: [string[], string][] = [
    [['Ctrl', 'K'], t('Go to, or find a file')],
    [['/'], t('search on this page')],
    [['Esc'], t('leave a field, close')],
    [['Ctrl', '↵'], t('run what is written in an editor')],
    [['?'], t('these keys')],
    ...sections.map(({ letter, name }): [string[], string] => [['g', letter], t(name)]),
  ]
  return (
    <dialog ref={dialog} class="shortcuts" aria-label={t('Keys')} onClose={onClose}>
      <div class="card-head">
        <h2>{t('Keys')}</h2>
        <div class="card-actions">
          <Button icon="close" label={t('Close')} onClick={() => dialog.current?.close()} />
        </div>
      </div>
      <dl>
        {keys.map(([pressed, meaning]) => (
          <div key={meaning}>
            <dt>
              {pressed.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </dialog>
  )
}
