/** Where one is: `#/queues/vendas?tab=messages`. A hash, so that the server has one page and a reload stays where it was. */
import { useEffect, useState } from 'preact/hooks'

export interface Place {
  page: string
  /** What follows the page's name, decoded. */
  path: string[]
  query: URLSearchParams
}

export function link(
  page: string,
  path: readonly string[] = [],
  query: Record<string, string | undefined> = {},
): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const search = new URLSearchParams(given).toString()
  return `#/${[page, ...path].map(encodeURIComponent).join('/')}${search ? `?${search}` : ''}`
}

export function go(page: string, path: readonly string[] = [], query: Record<string, string | undefined> = {}): void {
  location.hash = link(page, path, query)
}

/** Without a step in the history: a tab, a selection. */
export function replace(page: string, path: readonly string[], query: Record<string, string | undefined> = {}): void {
  history.replaceState(null, '', link(page, path, query))
  dispatchEvent(new HashChangeEvent('hashchange'))
}

export function usePlace(): Place {
  const [place, setPlace] = useState(here)
  useEffect(() => {
    const moved = () => setPlace(here())
    addEventListener('hashchange', moved)
    return () => removeEventListener('hashchange', moved)
  }, [])
  return place
}

function here(): Place {
  const [path = '', search = ''] = location.hash.replace(/^#\/?/, '').split('?')
  const [page = '', ...rest] = path.split('/').map(decodeURIComponent)
  return { page: page || 'flow', path: rest.filter((part) => part !== ''), query: new URLSearchParams(search) }
}
