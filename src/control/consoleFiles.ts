/**
 * The console's own files, as Vite built them into dist/console: read when they are asked for, never kept. Their names
 * carry a hash of what is in them, but for the page itself.
 */
import { readFile } from 'node:fs/promises'
import { extname, join, normalize } from 'node:path'
import { packageFolder } from '../engines/functions/packageFolder.ts'
import { type Route, route } from '../services/route.ts'
import { awsError } from '../wire/errors.ts'
import type { WireResponse } from '../wire/request.ts'

const contentTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** No script or style from elsewhere, in nobody's frame; styles of elements are what charts and editors place with. */
const policy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

export const consoleFileRoutes: readonly Route[] = [
  route('GET', '/_igarape', async () => consoleFile('index.html')),
  route('GET', '/_igarape/console/files/*path', async ({ parameters }) => consoleFile(`files/${parameters.path}`)),
]

async function consoleFile(path: string): Promise<WireResponse> {
  const inside = normalize(path)
  const body = inside.startsWith('..') ? undefined : await read(inside)
  if (!body) throw awsError('NoSuchFile', notBuilt(inside), 404)
  return {
    status: 200,
    headers: {
      'content-type': contentTypes[extname(inside)] ?? 'application/octet-stream',
      'cache-control': inside === 'index.html' ? 'no-cache' : 'public, max-age=31536000, immutable',
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    },
    body,
  }
}

function read(path: string): Promise<Uint8Array | undefined> {
  return readFile(join(packageFolder(), 'dist/console', path)).catch(() => undefined)
}

function notBuilt(path: string): string {
  return path === 'index.html'
    ? 'The console is not built. In a checkout, `npm run build` builds it.'
    : `The console has no file ${path}.`
}
