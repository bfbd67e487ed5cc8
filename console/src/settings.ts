/** What a person chose for this browser: language, light or dark. Kept in its own storage; absent, the browser's wish. */
import { useEffect, useState } from 'preact/hooks'

export type Language = 'en' | 'pt-BR'
export type Theme = 'auto' | 'light' | 'dark'

const names = { language: 'igarape.language', theme: 'igarape.theme' } as const

function stored(name: string): string | null {
  try {
    return localStorage.getItem(name)
  } catch {
    return null
  }
}

function store(name: string, value: string): void {
  try {
    localStorage.setItem(name, value)
  } catch {
    // A browser that keeps nothing forgets the choice.
  }
}

let language: Language = (stored(names.language) as Language | null) ?? wishedLanguage()
let theme: Theme = (stored(names.theme) as Theme | null) ?? 'auto'

function wishedLanguage(): Language {
  const wished = navigator.languages.find((name) => /^(pt|en)/i.test(name)) ?? 'en'
  return /^pt/i.test(wished) ? 'pt-BR' : 'en'
}

export const currentLanguage = () => language
export const currentTheme = () => theme

export function applySettings(): void {
  document.documentElement.lang = language
  if (theme === 'auto') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}

export function chooseLanguage(wanted: Language): void {
  language = wanted
  store(names.language, wanted)
  changed()
}

export function chooseTheme(wanted: Theme): void {
  theme = wanted
  store(names.theme, wanted)
  changed()
}

function changed(): void {
  applySettings()
  dispatchEvent(new Event('igarape:settings'))
}

export function useSettings(): { language: Language; theme: Theme } {
  const [, redraw] = useState(0)
  useEffect(() => {
    const look = () => redraw((count) => count + 1)
    addEventListener('igarape:settings', look)
    return () => removeEventListener('igarape:settings', look)
  }, [])
  return { language, theme }
}
