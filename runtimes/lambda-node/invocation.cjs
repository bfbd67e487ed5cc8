// Calls a handler in whichever style it is written (async, callback, context.done, streamed) and gives its answer as text.
const { Writable } = require('node:stream')
const { runtimeError } = require('./errors.cjs')

const streamed = Symbol('streamed handler')

globalThis.awslambda = {
  streamifyResponse: (handler) => Object.assign(handler, { [streamed]: true }),
  HttpResponseStream: {
    from(stream, prelude) {
      stream.write(JSON.stringify(prelude) + '\0'.repeat(8))
      return stream
    },
  },
}

async function invokeHandler(handler, event, context) {
  if (handler[streamed]) return await streamedAnswer(handler, event, context)
  const result = await new Promise((resolve, reject) => settleOnce(handler, event, context, resolve, reject))
  try {
    return JSON.stringify(result === undefined ? null : result) ?? 'null'
  } catch (error) {
    throw runtimeError('Runtime.MarshalError', `Unable to stringify response body: ${error.message}`, error)
  }
}

function settleOnce(handler, event, context, resolve, reject) {
  // A handler that neither answered nor has anything left to wait for has ended: its answer is null.
  let outcome = () => resolve(null)
  const whenIdle = () => outcome()
  process.once('beforeExit', whenIdle)
  const settle = (settled) => {
    process.removeListener('beforeExit', whenIdle)
    settled()
  }
  const done = (error, result) => {
    const answer = error ? () => reject(error) : () => resolve(result)
    if (context.callbackWaitsForEmptyEventLoop) outcome = answer
    else settle(answer)
  }
  Object.assign(context, { done, succeed: (result) => done(null, result), fail: (error) => done(error ?? 'handled') })
  try {
    const returned = handler(event, context, done)
    if (typeof returned?.then !== 'function') return
    returned.then(
      (result) => settle(() => resolve(result)),
      (error) => settle(() => reject(error)),
    )
  } catch (error) {
    settle(() => reject(error))
  }
}

async function streamedAnswer(handler, event, context) {
  const chunks = []
  const stream = new Writable({
    write(chunk, _encoding, callback) {
      chunks.push(chunk)
      callback()
    },
  })
  stream.setContentType = () => {}
  const ended = new Promise((resolve, reject) => {
    stream.on('finish', resolve)
    stream.on('error', reject)
  })
  await Promise.all([handler(event, stream, context), ended])
  return Buffer.concat(chunks).toString('utf8')
}

module.exports = { invokeHandler }
