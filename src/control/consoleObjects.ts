/** An object whole, down to the browser or up from it: always as a file to keep, never as a page that is shown. */
import { createReadStream, createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { lake } from '../delivery/lake.ts'
import type { Platform } from '../delivery/platform.ts'
import { newTraceId } from '../observe/traces.ts'
import { json, type Route, type RouteRequest, route } from '../services/route.ts'
import { awsError } from '../wire/errors.ts'
import type { WireResponse } from '../wire/request.ts'

const path = '/_igarape/console/object'

export const consoleObjectRoutes: readonly Route[] = [
  route('GET', path, ({ query }, platform) => download(platform, placeIn(query))),
  route('PUT', path, async (request, platform) => json(await upload(platform, request))),
]

interface Place {
  bucket: string
  key: string
}

function placeIn(query: URLSearchParams): Place {
  const [bucket, key] = [query.get('bucket'), query.get('key')]
  if (!bucket || !key) throw awsError('BadRequest', 'Say which: ?bucket=…&key=….')
  return { bucket, key }
}

async function download(platform: Platform, { bucket, key }: Place): Promise<WireResponse> {
  const scope = { account: platform.options.account, region: platform.options.region }
  const view = await platform.use(lake).open({ scope, bucket, prefix: key }, { keys: [key], names: 'numbered' })
  const file = view.files[0]
  if (!file) {
    await view.close()
    throw awsError('NoSuchKey', `The bucket ${bucket} has no object ${key}.`, 404)
  }
  const body = createReadStream(file.path)
  body.once('close', () => void view.close())
  return {
    status: 200,
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': String(file.bytes),
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(basename(key))}`,
      'x-content-type-options': 'nosniff',
    },
    body,
  }
}

async function upload(platform: Platform, { query, stream, headers }: RouteRequest): Promise<object> {
  const { bucket, key } = placeIn(query)
  const scope = { account: platform.options.account, region: platform.options.region }
  const folder = await platform.use(lake).stagingFolder()
  try {
    const staged = join(folder, 'object')
    await pipeline(stream, createWriteStream(staged))
    const contentType = headers['content-type']
    const [object] = await platform.use(lake).commit({
      scope,
      bucket,
      files: [{ path: staged, key, ...(contentType && { contentType }) }],
      trace: { traceId: newTraceId(platform.clock, platform.random) },
    })
    return object ?? {}
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
