/** Why the console may not be seen, for the person before the browser: what is wrong, and the address that is right. */
import type { AwsError } from '../wire/errors.ts'
import type { RequestHead, WireResponse } from '../wire/request.ts'

/** A browser goes to a page of the console; what a script of a page asks for is answered in JSON. */
export function asksForPage({ method, url, headers }: RequestHead): boolean {
  return method === 'GET' && url.startsWith('/_igarape') && (headers.accept ?? '').includes('text/html')
}

export function refusalPage({ status, message }: AwsError, { headers }: RequestHead): WireResponse {
  const port = /:(\d+)$/.exec(headers.host ?? '')?.[1]
  const address = `http://127.0.0.1${port === undefined ? '' : `:${port}`}/_igarape/`
  const body = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Igarapé: not shown here</title>
<style>
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 15vh auto; padding: 0 1.5rem }
  h1 { font-size: 1.4rem }
</style>
<main>
  <h1>The console is not shown here</h1>
  <p>${escaped(message)}</p>
  <p><a href="${address}">Open ${address}</a></p>
</main>
</html>
`
  const headersOfPage = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  }
  return { status, headers: headersOfPage, body }
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
