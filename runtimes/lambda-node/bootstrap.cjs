// The Node.js runtime of a function instance: loads the handler, then takes invocations from the Runtime API one by
// one until the connection drops. What it prints, posts and exits with is what Lambda's own Node.js runtime does.
// CommonJS, because Node starts a fifth sooner when its loader of ES modules is not needed: only a handler may ask for it.
const { patchWhereAnswered, watchForAnswers } = require('./answers.cjs')
const { patchConsole, writeInvocationEnd } = require('./console.cjs')
const { contextFor } = require('./context.cjs')
const { errorPayload, logError, runtimeError } = require('./errors.cjs')
const { loadHandler } = require('./handler.cjs')
const { invokeHandler } = require('./invocation.cjs')
const { RuntimeClient } = require('./runtime-client.cjs')

const exitCodes = { uncaughtException: 129, unhandledRejection: 128 }

const client = new RuntimeClient(Number(process.env.IGARAPE_RUNTIME_FD))
const current = { requestId: undefined }
patchConsole(current, Number(process.env.IGARAPE_LOG_FD))
delete process.env.IGARAPE_RUNTIME_FD
delete process.env.IGARAPE_LOG_FD
watchForAnswers(process.env.AWS_ENDPOINT_URL)

main()

async function main() {
  process.on('uncaughtException', (error) => die(error, 'Uncaught Exception', exitCodes.uncaughtException))
  process.on('unhandledRejection', (reason, promise) => {
    const error = runtimeError('Runtime.UnhandledPromiseRejection', String(reason))
    Object.assign(error, { reason, promise })
    die(error, 'Unhandled Promise Rejection', exitCodes.unhandledRejection)
  })
  const handler = await loaded()
  if (!handler) return
  for (;;) {
    const invocation = await client.next()
    await serve(handler, invocation)
  }
}

async function loaded() {
  try {
    return await loadHandler(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER)
  } catch (error) {
    logError(error, 'Uncaught Exception')
    await client.postInitError(errorPayload(error))
    process.exit(1)
  }
}

async function serve(handler, invocation) {
  current.requestId = invocation.requestId
  if (invocation.traceId) process.env._X_AMZN_TRACE_ID = invocation.traceId
  else delete process.env._X_AMZN_TRACE_ID
  patchWhereAnswered(invocation.payload)
  client.unref()
  try {
    const body = await invokeHandler(handler, JSON.parse(invocation.payload), contextFor(invocation))
    finish(invocation, () => client.postResponse(invocation.requestId, body))
  } catch (error) {
    logError(error, 'Invoke Error')
    finish(invocation, () => client.postError(invocation.requestId, errorPayload(error)))
  }
}

// The marker goes before the answer, so whoever has the answer knows when all the lines before it have been read.
function finish(invocation, post) {
  writeInvocationEnd(invocation.requestId)
  post()
  client.ref()
}

async function die(error, label, exitCode) {
  logError(error, label)
  const { requestId } = current
  if (requestId) writeInvocationEnd(requestId)
  await (requestId ? client.lastError(requestId, errorPayload(error)) : client.postInitError(errorPayload(error)))
  process.exit(exitCode)
}
