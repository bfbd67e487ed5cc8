/**
 * Any input of any operation as the bytes of its protocol, whether or not the model allows it: a list where a text
 * belongs goes out as it is. SDK clients would refuse to send most of this.
 */
import { loadModel, type Operation, type ServiceName, type Shape } from '../../src/wire/model.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
const controlCharacters = /[\x00-\x08\x0a-\x1f\x7f]/g

export interface RawRequest {
  method: string
  path: string
  headers: Record<string, string>
  body: string
}

/** The request as the service's first protocol has it. */
export function rawRequest(service: ServiceName, operation: Operation, input: Record<string, unknown>): RawRequest {
  const model = loadModel(service)
  const credential = `Credential=test/20260101/us-east-1/${model.signingName}/aws4_request`
  const headers: Record<string, string> = {
    authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=0`,
  }
  const protocol = model.protocols.includes('query') && !model.targetPrefix ? 'query' : model.protocols[0]
  if (protocol === 'awsJson1_0' || protocol === 'awsJson1_1') {
    headers['content-type'] = `application/x-amz-json-${protocol === 'awsJson1_0' ? '1.0' : '1.1'}`
    headers['x-amz-target'] = `${model.targetPrefix}.${operation.name}`
    return { method: 'POST', path: '/', headers, body: jsonText(input) }
  }
  if (protocol === 'query') {
    headers['content-type'] = 'application/x-www-form-urlencoded; charset=utf-8'
    const pairs = [`Action=${operation.name}`, `Version=${model.raw.apiVersion}`, ...formPairs('', input)]
    return { method: 'POST', path: '/', headers, body: pairs.join('&') }
  }
  return restRequest(operation, input, headers, protocol === 'restXml')
}

function restRequest(
  operation: Operation,
  input: Record<string, unknown>,
  headers: Record<string, string>,
  isXml: boolean,
): RawRequest {
  const http = operation.http as { method: string; path: string }
  let path = http.path
  const query: string[] = []
  const document: Record<string, unknown> = {}
  let body = ''
  for (const { name, traits, shape } of operation.input?.members ?? []) {
    const value = input[name]
    if (traits.label) path = path.replace(new RegExp(`\\{${name}\\+?\\}`), () => encoded(textOf(value ?? '')))
    else if (value === undefined) continue
    else if (traits.query !== undefined) query.push(`${encoded(traits.query)}=${encoded(textOf(value))}`)
    else if (traits.header !== undefined) headers[traits.header.toLowerCase()] = headerText(textOf(value))
    else if (traits.payload) body = payloadText(shape, traits.xmlName, value, isXml)
    else if (!traits.prefixHeaders && !traits.queryParams) document[traits.jsonName ?? name] = value
  }
  if (body === '' && Object.keys(document).length > 0)
    body = isXml ? xmlOf(operation.input?.name ?? 'x', document) : jsonText(document)
  if (body !== '') headers['content-type'] ??= isXml ? 'application/xml' : 'application/json'
  const mark = path.includes('?') ? '&' : '?'
  return { method: http.method, path: query.length ? path + mark + query.join('&') : path, headers, body }
}

function payloadText(shape: Shape, xmlName: string | undefined, value: unknown, isXml: boolean): string {
  if (shape.type !== 'structure' && shape.type !== 'union') return textOf(value)
  return isXml ? xmlOf(xmlName ?? shape.raw.xmlName ?? shape.name, value) : jsonText(value)
}

function jsonText(value: unknown): string {
  return JSON.stringify(value, (_, entry) =>
    entry instanceof Uint8Array ? Buffer.from(entry).toString('base64') : entry,
  )
}

function textOf(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'object' ? jsonText(value) : String(value)
}

/** A lone surrogate has no percent form; its replacement character goes out. */
function encoded(text: string): string {
  return encodeURIComponent(Buffer.from(text, 'utf8').toString('utf8'))
}

/** What a header line may carry at all: the rest would never leave a client. */
function headerText(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1').replace(controlCharacters, '').slice(0, 8000)
}

function formPairs(prefix: string, value: unknown): string[] {
  const dot = prefix === '' ? '' : `${prefix}.`
  if (Array.isArray(value)) return value.flatMap((entry, index) => formPairs(`${dot}member.${index + 1}`, entry))
  if (value instanceof Uint8Array || value instanceof Date || typeof value !== 'object' || value === null)
    return [`${prefix}=${encoded(textOf(value))}`]
  return Object.entries(value).flatMap(([name, entry]) => formPairs(dot + name, entry))
}

function xmlOf(name: string, value: unknown): string {
  const tag = /^[A-Za-z_][\w.-]*$/.test(name) ? name : 'entry'
  if (Array.isArray(value)) return value.map((entry) => xmlOf(tag, entry)).join('')
  if (value instanceof Uint8Array || value instanceof Date || typeof value !== 'object' || value === null)
    return `<${tag}>${textOf(value).replace(/[<&>]/g, (sign) => `&#${sign.charCodeAt(0)};`)}</${tag}>`
  const inner = Object.entries(value).map(([key, entry]) => xmlOf(key, entry))
  return `<${tag}>${inner.join('')}</${tag}>`
}
