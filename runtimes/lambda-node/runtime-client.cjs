// The Runtime API as its caller sees it: plain HTTP/1.1 with keep-alive over a socket that the server handed down.
// When the socket drops the server is gone, and with it every reason to live.
const { Socket } = require('node:net')

const base = '/2018-06-01/runtime'
const headEnd = Buffer.from('\r\n\r\n')

class RuntimeClient {
  #socket
  #chunks = []
  #size = 0
  #answers = []
  /** What was posted goes out with the question for the next invocation. */
  #posted = ''

  constructor(descriptor) {
    this.#socket = new Socket({ fd: descriptor, readable: true, writable: true })
    this.#socket.on('data', (chunk) => this.#receive(chunk))
    this.#socket.on('error', () => process.exit(1))
    this.#socket.on('close', () => process.exit(1))
  }

  ref() {
    this.#socket.ref()
  }

  /** While a handler runs the socket must not keep the event loop alive: a handler that waits for nothing has ended. */
  unref() {
    this.#socket.unref()
  }

  async next() {
    const { headers, body } = await this.#request(message('GET', `${base}/invocation/next`))
    return {
      requestId: headers['lambda-runtime-aws-request-id'],
      deadlineMs: Number(headers['lambda-runtime-deadline-ms']),
      functionArn: headers['lambda-runtime-invoked-function-arn'],
      traceId: headers['lambda-runtime-trace-id'],
      clientContext: headers['lambda-runtime-client-context'],
      payload: body.toString('utf8'),
    }
  }

  postResponse(requestId, body) {
    this.#post(message('POST', `${base}/invocation/${requestId}/response`, body))
  }

  postError(requestId, error) {
    this.#post(errorMessage(`${base}/invocation/${requestId}/error`, error))
  }

  /** The last word: nobody will ask for another invocation. */
  lastError(requestId, error) {
    return this.#request(errorMessage(`${base}/invocation/${requestId}/error`, error))
  }

  postInitError(error) {
    return this.#request(errorMessage(`${base}/init/error`, error))
  }

  #post(text) {
    this.#posted += text
    this.#answers.push(() => {})
  }

  #request(text) {
    this.ref()
    this.#socket.write(this.#posted + text)
    this.#posted = ''
    return new Promise((resolve) => this.#answers.push(resolve))
  }

  #receive(chunk) {
    this.#chunks.push(chunk)
    this.#size += chunk.length
    for (let message = this.#take(); message; message = this.#take()) this.#answers.shift()?.(message)
  }

  #take() {
    const first = this.#chunks[0]
    if (!first) return undefined
    let end = first.indexOf(headEnd)
    if (end < 0 && this.#chunks.length > 1) end = this.#joined().indexOf(headEnd)
    if (end < 0) return undefined
    const headers = parsedHeaders(this.#chunks[0].latin1Slice(0, end))
    const total = end + headEnd.length + Number(headers['content-length'] ?? 0)
    if (this.#size < total) return undefined
    const buffer = this.#joined()
    const rest = buffer.subarray(total)
    this.#chunks = rest.length > 0 ? [rest] : []
    this.#size = rest.length
    return { headers, body: buffer.subarray(end + headEnd.length, total) }
  }

  #joined() {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)]
    return this.#chunks[0]
  }
}

function errorMessage(path, error) {
  return message('POST', path, JSON.stringify(error), error.errorType)
}

function message(method, path, body = '', errorType = undefined) {
  const typed = errorType ? `Lambda-Runtime-Function-Error-Type: ${headerText(errorType)}\r\n` : ''
  const bytes = Buffer.byteLength(body)
  return `${method} ${path} HTTP/1.1\r\nHost: runtime\r\n${typed}Content-Length: ${bytes}\r\n\r\n${body}`
}

function parsedHeaders(head) {
  const headers = {}
  for (const line of head.split('\r\n').slice(1)) {
    const colon = line.indexOf(':')
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim()
  }
  return headers
}

function headerText(value) {
  return String(value).replace(/[^\x20-\x7e]/g, '?')
}

module.exports = { RuntimeClient }
