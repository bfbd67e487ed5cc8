// The shapes of errors: what Lambda's Node.js runtime posts (`trace`) and what it logs (`stack`).

/** An error of the runtime itself, named as Lambda names it; the stack is the cause's where there is one. */
function runtimeError(name, message, cause = undefined) {
  const error = new Error(message)
  error.name = name
  const frames = (cause?.stack ?? error.stack).split('\n').filter((line) => line.startsWith('    at '))
  error.stack = [`${name}: ${message}`, ...frames].join('\n')
  return error
}

function errorPayload(error) {
  if (!isError(error)) return { errorType: typeof error, errorMessage: String(error), trace: [] }
  return { errorType: error.name ?? 'Error', errorMessage: error.message, trace: stackLines(error) }
}

function logError(error, label) {
  console.error(`${label} \t${JSON.stringify(described(error), bigintAsText)}`)
}

function described(error) {
  if (!isError(error)) return { errorType: typeof error, errorMessage: String(error), stack: [] }
  const { name, message, stack, ...own } = { ...error }
  const cause = 'cause' in error && isError(error.cause) ? { cause: described(error.cause) } : {}
  const reason = isError(own.reason) ? { reason: described(own.reason) } : {}
  const type = error.name ?? 'Error'
  return { errorType: type, errorMessage: error.message, ...own, ...cause, ...reason, stack: stackLines(error) }
}

function stackLines(error) {
  return typeof error.stack === 'string' ? error.stack.split('\n') : []
}

// An error thrown in another realm (a vm context) is an error too.
function isError(value) {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]'
}

function bigintAsText(_key, value) {
  return typeof value === 'bigint' ? String(value) : value
}

module.exports = { runtimeError, errorPayload, logError }
