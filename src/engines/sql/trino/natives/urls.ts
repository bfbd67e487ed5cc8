/** URLs as java.net.URI reads them: parts as written, NULL where there is none or the text is no URI. */
import { invalidArgument, type Native, native } from './native.ts'

const uri = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#([\s\S]*))?$/

interface Parts {
  protocol: string
  host: string
  port: string | null
  path: string
  query: string
  fragment: string
}

function parse(text: string): Parts | undefined {
  if (/[\s<>"{}|\\^`]/.test(text) || /%(?![0-9A-Fa-f]{2})/.test(text)) return undefined
  const match = uri.exec(text)
  if (!match) return undefined
  const authority = /^(?:[^@]*@)?(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(match[2] ?? '')
  return {
    protocol: match[1] ?? '',
    host: authority?.[1] ?? '',
    port: authority?.[2] || null,
    path: decoded(match[3] ?? ''),
    query: decoded(match[4] ?? ''),
    fragment: decoded(match[5] ?? ''),
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The first parameter of that name. */
function parameter(text: string, name: string): string | null {
  const query = uri.exec(text)?.[4]
  if (parse(text) === undefined || query === undefined) return null
  for (const part of query.split('&')) {
    const [key = '', ...value] = part.split('=')
    if (decoded(key.replaceAll('+', ' ')) === name) return decoded(value.join('=').replaceAll('+', ' '))
  }
  return null
}

function encode(text: string): string {
  return encodeURIComponent(text)
    .replace(/%20/g, '+')
    .replace(/[!'()~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw invalidArgument(`URLDecoder: Illegal hex characters in escape (%) pattern: ${text}`)
  }
}

export const urlNatives: readonly Native[] = [
  native('url_part', ['VARCHAR', 'VARCHAR'], 'VARCHAR', (text, part) => parse(text)?.[part as keyof Parts] ?? null),
  native('url_parameter', ['VARCHAR', 'VARCHAR'], 'VARCHAR', parameter),
  native('url_encode', ['VARCHAR'], 'VARCHAR', encode),
  native('url_decode', ['VARCHAR'], 'VARCHAR', decode),
]
