// What a function prints. console.* is stamped as Lambda stamps it and sent as one event, even over several lines;
// process.stdout and process.stderr are sent line by line. Frame: length (4 bytes), kind (1 byte), text.
const { writeSync } = require('node:fs')
const { format } = require('node:util')

const logFrame = 1
const endFrame = 2
const levels = { trace: 0, debug: 1, info: 2, warn: 3, error: 4, fatal: 5 }

let logDescriptor = 1
let flushLines = () => {}

function patchConsole(current, descriptor) {
  logDescriptor = descriptor
  const json = process.env.AWS_LAMBDA_LOG_FORMAT === 'JSON'
  const least = levels[(process.env.AWS_LAMBDA_LOG_LEVEL ?? 'trace').toLowerCase()] ?? 0
  const line = json ? jsonLine : textLine
  const logger =
    (level) =>
    (message, ...rest) => {
      if (json && levels[level] < least) return
      writeFrame(logFrame, line(level.toUpperCase(), current.requestId, message, rest))
    }
  for (const level of ['trace', 'debug', 'info', 'warn', 'error']) console[level] = logger(level)
  console.log = logger('info')
  console.fatal = logger('fatal')
  const flushes = [process.stdout, process.stderr].map(patchStream)
  flushLines = () => {
    for (const flush of flushes) flush()
  }
}

function writeInvocationEnd(requestId) {
  flushLines()
  writeFrame(endFrame, requestId)
}

function textLine(level, requestId, message, rest) {
  return `${new Date().toISOString()}\t${requestId}\t${level}\t${format(message, ...rest)}`
}

function jsonLine(level, requestId, message, rest) {
  const entry = { timestamp: new Date().toISOString(), level, requestId }
  const error = [message, ...rest].find((value) => value instanceof Error)
  const alone = rest.length === 0 && !(message instanceof Error)
  entry.message = alone ? message : format(message, ...rest)
  if (error) {
    entry.errorType = error.name
    entry.errorMessage = error.message
    entry.stackTrace = (error.stack ?? '').split('\n').slice(1)
  }
  try {
    return JSON.stringify(entry)
  } catch {
    return JSON.stringify({ ...entry, message: format(message, ...rest) })
  }
}

function patchStream(stream) {
  let pending = ''
  stream.write = (chunk, encoding, callback) => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8')
    const lines = (pending + text).split('\n')
    pending = lines.pop()
    for (const line of lines) writeFrame(logFrame, line)
    const done = typeof encoding === 'function' ? encoding : callback
    if (done) process.nextTick(done)
    return true
  }
  const flush = () => {
    if (pending) writeFrame(logFrame, pending)
    pending = ''
  }
  process.on('exit', flush)
  return flush
}

function writeFrame(kind, text) {
  const size = Buffer.byteLength(text)
  const frame = Buffer.allocUnsafe(5 + size)
  frame.writeUInt32BE(size, 0)
  frame.writeUInt8(kind, 4)
  frame.write(text, 5)
  let written = 0
  while (written < frame.length) written += writeSync(logDescriptor, frame, written)
}

module.exports = { patchConsole, writeInvocationEnd }
