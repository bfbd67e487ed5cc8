// The context object of one invocation.

function contextFor(invocation) {
  const { env } = process
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: invocation.clientContext ? JSON.parse(invocation.clientContext) : undefined,
    identity: undefined,
    invokedFunctionArn: invocation.functionArn,
    awsRequestId: invocation.requestId,
    getRemainingTimeInMillis: () => invocation.deadlineMs - Date.now(),
  }
}

module.exports = { contextFor }
