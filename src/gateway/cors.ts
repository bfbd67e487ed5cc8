/** Browsers on other origins (a console, an app in development) may call the server, as they may call AWS's consoles' APIs. */
import type { RequestHead, WireResponse } from '../wire/request.ts'

const exposedHeaders = 'etag,x-amz-version-id,x-amzn-requestid,x-amz-request-id,x-amzn-errortype,x-amz-meta-*,location'

export function corsHeaders(head: RequestHead): Record<string, string> {
  return {
    'access-control-allow-origin': head.headers.origin ?? '*',
    'access-control-expose-headers': exposedHeaders,
    vary: 'Origin',
  }
}

export function preflight(head: RequestHead): WireResponse {
  const asked = head.headers['access-control-request-headers']
  return {
    status: 204,
    headers: {
      ...corsHeaders(head),
      'access-control-allow-methods': 'GET,HEAD,POST,PUT,PATCH,DELETE',
      'access-control-allow-headers': asked ?? '*',
      'access-control-max-age': '600',
    },
  }
}
