/** Words in the chosen language. English is the key: a text without a translation does not compile. */
import { currentLanguage } from '../settings.ts'
import { portuguese } from './portuguese.ts'

export type Text = keyof typeof portuguese

/** `t('{n} messages', { n: 3 })` */
export function t(text: Text, values: Record<string, string | number> = {}): string {
  const words: string = currentLanguage() === 'pt-BR' ? portuguese[text] : text
  return words.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}

/** What the server calls something, in the chosen language where it is known there. */
export function told(word: string): string {
  return word in portuguese ? t(word as Text) : word
}

export function number(value: number, digits = 0): string {
  return value.toLocaleString(currentLanguage(), { maximumFractionDigits: digits })
}

/** 1.2k, 3.4M: for badges. */
export function short(value: number): string {
  return value.toLocaleString(currentLanguage(), { notation: 'compact', maximumFractionDigits: 1 })
}

export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let at = 0
  let size = value
  while (size >= 1000 && at < units.length - 1) {
    size /= 1000
    at++
  }
  return `${number(size, at === 0 || size >= 100 ? 0 : 1)} ${units[at]}`
}

export function duration(millis: number): string {
  if (millis < 1) return '0 ms'
  if (millis < 1_000) return `${number(Math.round(millis))} ms`
  if (millis < 60_000) return `${number(millis / 1000, millis < 10_000 ? 2 : 1)} s`
  if (millis < 3_600_000) return `${Math.floor(millis / 60_000)} min ${Math.round((millis % 60_000) / 1000)} s`
  if (millis < 86_400_000) return `${Math.floor(millis / 3_600_000)} h ${Math.round((millis % 3_600_000) / 60_000)} min`
  return `${Math.floor(millis / 86_400_000)} d ${Math.round((millis % 86_400_000) / 3_600_000)} h`
}

export function dollars(value: number): string {
  if (value === 0) return '$0'
  if (value < 0.000001) return '< $0.000001'
  return `$${value.toFixed(value < 0.01 ? 6 : value < 1 ? 4 : 2)}`
}

export function clock(millis: number): string {
  return new Date(millis).toLocaleTimeString(currentLanguage(), { hour12: false })
}

export function moment(millis: number): string {
  const options = {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  } as const
  return new Date(millis).toLocaleString(currentLanguage(), { ...options, hour12: false })
}

/** `3 min ago`; a moment within seconds is `now`. */
export function ago(millis: number, now: number): string {
  const format = new Intl.RelativeTimeFormat(currentLanguage(), { numeric: 'auto', style: 'short' })
  const seconds = Math.round((millis - now) / 1000)
  const size = Math.abs(seconds)
  if (size < 60) return format.format(size < 3 ? 0 : seconds, 'second')
  if (size < 3_600) return format.format(Math.round(seconds / 60), 'minute')
  if (size < 86_400) return format.format(Math.round(seconds / 3_600), 'hour')
  return format.format(Math.round(seconds / 86_400), 'day')
}
