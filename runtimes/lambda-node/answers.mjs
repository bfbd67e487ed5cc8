// Functions behind custom resources answer with `https.request({ hostname, path })`, without a port or a protocol,
// since on AWS the answer goes to S3. Here it goes to the endpoint, which speaks HTTP: such a request, and no other, is
// sent there.
import http from 'node:http'
import https from 'node:https'
import { syncBuiltinESMExports } from 'node:module'

const answerPath = '/_igarape/'

export function patchAnswers(endpointUrl) {
  if (!endpointUrl) return
  const endpoint = new URL(endpointUrl)
  if (endpoint.protocol !== 'http:') return
  const request = https.request
  https.request = (options, ...rest) => {
    if (!isAnswer(options, endpoint)) return request(options, ...rest)
    const { protocol: _, agent: __, ...kept } = options
    return http.request({ ...kept, hostname: endpoint.hostname, port: endpoint.port }, ...rest)
  }
  syncBuiltinESMExports()
}

function isAnswer(options, endpoint) {
  if (!options || typeof options !== 'object' || options instanceof URL) return false
  const host = options.hostname ?? options.host
  return host === endpoint.hostname && String(options.path ?? '').startsWith(answerPath)
}
