/** Keys everywhere: Ctrl+K the palette, `g` and a letter a page, `/` the page's own search, `?` the list, Esc lets go of a field. */
import { go } from './router.ts'
import { sections } from './sections.ts'

const betweenKeysMillis = 1_200

interface Opened {
  openPalette(): void
  openShortcuts(): void
}

export function keyboard({ openPalette, openShortcuts }: Opened): () => void {
  let waitsSince = 0
  const pressed = (event: KeyboardEvent) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
      event.preventDefault()
      openPalette()
      return
    }
    const target = event.target as HTMLElement
    if (event.key === 'Escape' && target.matches('input, textarea, [contenteditable] *')) target.blur()
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(target)) return
    const isSecond = event.timeStamp - waitsSince < betweenKeysMillis && waitsSince > 0
    waitsSince = 0
    if (isSecond) {
      const section = sections.find(({ letter }) => letter === event.key)
      if (section) go(section.id)
    } else if (event.key === 'g') waitsSince = event.timeStamp
    else if (event.key === '?') openShortcuts()
    else if (event.key === '/') {
      event.preventDefault()
      const search = document.querySelector<HTMLInputElement>('main input[type="search"]')
      if (search) search.focus()
      else openPalette()
    }
  }
  addEventListener('keydown', pressed)
  return () => removeEventListener('keydown', pressed)
}

function isTyping(target: HTMLElement): boolean {
  return target.isContentEditable || target.matches('input, textarea, select')
}
