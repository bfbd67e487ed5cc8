/** The control API of the server that served this page. */

/** What the server answered instead of what was asked for; or nothing, because it is gone (status 0). */
export class Problem extends Error {
  readonly code: string
  readonly status: number
  constructor(code: string, message: string, status: number) {
    super(message)
    this.code = code
    this.status = status
  }

  /** The operation is not there (yet): said, not shown as broken. */
  get isMissing(): boolean {
    return this.status === 501
  }

  get isGone(): boolean {
    return this.status === 0
  }
}

export function get<T>(path: string, query: Record<string, string | number | undefined> = {}): Promise<T> {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
  return ask<T>(`${path}${text ? `?${text}` : ''}`, {})
}

export function post<T>(path: string, body: object): Promise<T> {
  return ask<T>(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })
}

async function ask<T>(path: string, request: RequestInit): Promise<T> {
  const response = await fetch(`/_igarape/${path}`, request).catch(() => {
    throw new Problem('ServerGone', 'The server does not answer.', 0)
  })
  const text = await response.text()
  if (response.ok) return JSON.parse(text) as T
  const { error = 'Error', message = text } = parsed(text)
  if (response.status === 401) dispatchEvent(new Event('igarape:locked'))
  throw new Problem(error, message, response.status)
}

function parsed(text: string): { error?: string; message?: string } {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}
