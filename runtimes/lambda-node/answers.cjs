// Functions behind custom resources answer with `https.request({ hostname, path })`, without a port or a protocol,
// since on AWS the answer goes to S3. Here it goes to the endpoint, which speaks HTTP: such a request, and no other, is
// sent there. Loading `https` is a tenth of a start, so it is patched only when a module requires it, or, for those that
// import it, when an invocation names an address to answer to.
const Module = require('node:module')

const answerPath = '/_igarape/'

let endpoint
let isPatched = false

function watchForAnswers(endpointUrl) {
  const url = endpointUrl ? new URL(endpointUrl) : undefined
  if (url?.protocol !== 'http:') return
  endpoint = url
  const load = Module._load
  Module._load = (request, ...rest) => {
    if (request === 'https' || request === 'node:https') patch()
    return load(request, ...rest)
  }
}

/** Before the handler sees the payload. */
function patchWhereAnswered(payload) {
  if (payload.includes(answerPath)) patch()
}

function patch() {
  if (isPatched || !endpoint) return
  isPatched = true
  const http = require('node:http')
  const https = require('node:https')
  const { request } = https
  https.request = (options, ...rest) => {
    if (!isAnswer(options)) return request(options, ...rest)
    const { protocol: _, agent: __, ...kept } = options
    return http.request({ ...kept, hostname: endpoint.hostname, port: endpoint.port }, ...rest)
  }
  Module.syncBuiltinESMExports()
}

function isAnswer(options) {
  if (!options || typeof options !== 'object' || options instanceof URL) return false
  const host = options.hostname ?? options.host
  return host === endpoint.hostname && String(options.path ?? '').startsWith(answerPath)
}

module.exports = { patchWhereAnswered, watchForAnswers }
