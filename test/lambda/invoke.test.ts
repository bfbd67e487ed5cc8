/** Invoking functions through the SDK: answers, errors, limits and log lines as AWS gives them. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { expect } from 'vitest'
import { test } from '../fixture.ts'
import { invoke, makeFunction } from './samples.ts'

test('a function answers, and its log tail says what it cost', async ({ igarape }) => {
  await makeFunction(igarape, 'echo', "exports.handler = async (event) => { console.log('hello'); return event.n + 1 }")

  const cold = await invoke(igarape, 'echo', { n: 1 })
  const warm = await invoke(igarape, 'echo', { n: 2 })

  expect(cold).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST', value: 2 })
  expect(cold.FunctionError).toBeUndefined()
  expect(cold.log).toMatch(/^INIT_START Runtime Version: nodejs:\d+/)
  expect(cold.log).toMatch(/START RequestId: [0-9a-f-]{36} Version: \$LATEST\n/)
  expect(cold.log).toMatch(/\d{4}-\d\d-\d\dT[\d:.]+Z\t[0-9a-f-]{36}\tINFO\thello\n/)
  expect(cold.log).toMatch(
    /REPORT RequestId: [0-9a-f-]{36}\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: \d+ MB\tInit Duration: [\d.]+ ms\t\n$/,
  )
  expect(warm.value).toBe(3)
  expect(warm.log).not.toContain('Init')
})

test('the context and the environment are as on AWS', async ({ igarape }) => {
  const code = `
    exports.handler = async (event, context) => ({ env: process.env, context, remaining: context.getRemainingTimeInMillis() })`
  const arn = await makeFunction(igarape, 'context', code, {
    Environment: { Variables: { MINE: 'yes' } },
    MemorySize: 256,
    Timeout: 10,
  })

  const { value } = await invoke(igarape, 'context')

  expect(value.context).toMatchObject({
    functionName: 'context',
    functionVersion: '$LATEST',
    memoryLimitInMB: '256',
    logGroupName: '/aws/lambda/context',
    invokedFunctionArn: arn,
    callbackWaitsForEmptyEventLoop: true,
  })
  expect(value.context.logStreamName).toMatch(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/)
  expect(value.remaining).toBeGreaterThan(9000)
  expect(value.remaining).toBeLessThanOrEqual(10_000)
  expect(value.env).toMatchObject({
    MINE: 'yes',
    AWS_REGION: 'us-east-1',
    AWS_LAMBDA_FUNCTION_NAME: 'context',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x',
    AWS_ENDPOINT_URL: igarape.endpoint,
    _HANDLER: 'index.handler',
  })
  expect(value.env._X_AMZN_TRACE_ID).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/)
  expect(value.env.PATH).not.toContain('/work')
})

test('an error of a Node.js function has a type, a message and a trace', async ({ igarape }) => {
  await makeFunction(igarape, 'fails', "exports.handler = async () => { throw new TypeError('boom') }")

  const answer = await invoke(igarape, 'fails')

  expect(answer.FunctionError).toBe('Unhandled')
  expect(answer.value).toMatchObject({ errorType: 'TypeError', errorMessage: 'boom' })
  expect(answer.value.trace[0]).toBe('TypeError: boom')
  expect(answer.log).toMatch(/\tERROR\tInvoke Error \t\{"errorType":"TypeError","errorMessage":"boom","stack":\[/)
  expect(answer.log).toContain('Status: error\tError Type: TypeError')
})

test('an error of a Python function has a type, a message, a request id and a stack trace', async ({ igarape }) => {
  const code = "def handler(event, context):\n    raise ValueError('boom')\n"
  await makeFunction(igarape, 'fails', code, { Runtime: 'python3.12' })

  const answer = await invoke(igarape, 'fails')

  expect(answer.value).toMatchObject({ errorType: 'ValueError', errorMessage: 'boom' })
  expect(answer.value.requestId).toMatch(/^[0-9a-f-]{36}$/)
  expect(answer.value.stackTrace).toEqual([
    expect.stringMatching(/^ {2}File ".*index.py", line 2, in handler\n {4}raise ValueError\('boom'\)\n/),
  ])
  expect(answer.log).toContain('[ERROR] ValueError: boom\nTraceback (most recent call last):\n')
})

test('a Python function logs through the root logger, prints by line and gets its memory limit as a string', async ({
  igarape,
}) => {
  const code = [
    'import logging',
    'logging.getLogger().setLevel("INFO")',
    'def handler(event, context):',
    '    logging.info("two\\nlines")',
    '    print("printed")',
    '    return {"memory": context.memory_limit_in_mb, "left": context.get_remaining_time_in_millis() > 0}',
  ].join('\n')
  await makeFunction(igarape, 'logs', code, { Runtime: 'python3.11' })

  const answer = await invoke(igarape, 'logs')

  expect(answer.value).toEqual({ memory: '128', left: true })
  expect(answer.log).toMatch(/\[INFO\]\t\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\t[0-9a-f-]{36}\ttwo\nlines\n/)
  expect(answer.log).toContain('\nprinted\n')
})

test.for([
  {
    what: 'a missing module',
    files: { 'other.js': '' },
    type: 'Runtime.ImportModuleError',
    words: "Error: Cannot find module 'index'",
  },
  {
    what: 'a missing export',
    files: { 'index.js': '' },
    type: 'Runtime.HandlerNotFound',
    words: 'index.handler is undefined or not exported',
  },
  {
    what: 'a syntax error',
    files: { 'index.js': 'exports.handler = (' },
    type: 'Runtime.UserCodeSyntaxError',
    words: 'SyntaxError: ',
  },
  {
    what: 'an error at load',
    files: { 'index.mjs': "throw new RangeError('cold')" },
    type: 'RangeError',
    words: 'cold',
  },
])('$what in Node.js is reported as its runtime reports it', async ({ files, type, words }, { igarape }) => {
  await makeFunction(igarape, 'broken', files as unknown as Record<string, string>)

  const answer = await invoke(igarape, 'broken')

  expect(answer.FunctionError).toBe('Unhandled')
  expect(answer.value.errorType).toBe(type)
  expect(answer.value.errorMessage).toContain(words)
  expect(answer.log).toContain(`INIT_REPORT Init Duration: `)
})

test.for([
  {
    what: 'a missing module',
    code: 'import nowhere_to_be_found',
    type: 'Runtime.ImportModuleError',
    words: "Unable to import module 'index': No module named 'nowhere_to_be_found'",
  },
  {
    what: 'a missing handler',
    code: 'x = 1',
    type: 'Runtime.HandlerNotFound',
    words: "Handler 'handler' missing on module 'index'",
  },
  {
    what: 'a syntax error',
    code: 'def (',
    type: 'Runtime.UserCodeSyntaxError',
    words: "Syntax error in module 'index': invalid syntax",
  },
  {
    what: 'an unserializable answer',
    code: 'def handler(e, c):\n  return {1}',
    type: 'Runtime.MarshalError',
    words: 'Unable to marshal response: Object of type set is not JSON serializable',
  },
])('$what in Python is reported as its runtime reports it', async ({ code, type, words }, { igarape }) => {
  await makeFunction(igarape, 'broken', code, { Runtime: 'python3.12' })

  const { value } = await invoke(igarape, 'broken')

  expect(value.errorType).toBe(type)
  expect(value.errorMessage).toContain(words)
  expect(Object.keys(value)).toEqual(['errorMessage', 'errorType', 'requestId', 'stackTrace'])
})

test('a function that runs too long is ended, never early', async ({ igarape }) => {
  await makeFunction(igarape, 'slow', 'exports.handler = async () => { for (;;); }', { Timeout: 1 })

  const begun = performance.now()
  const answer = await invoke(igarape, 'slow')

  expect(performance.now() - begun).toBeGreaterThan(1000)
  expect(answer.value.errorType).toBe('Sandbox.Timedout')
  expect(answer.value.errorMessage).toMatch(/^RequestId: [0-9a-f-]{36} Error: Task timed out after 1\.00 seconds$/)
  expect(answer.log).toMatch(/Z [0-9a-f-]{36} Task timed out after 1\.00 seconds\n/)
  expect(answer.log).toContain('Duration: 1000.00 ms')
  expect((await invoke(igarape, 'slow', {}, { InvocationType: 'DryRun' })).StatusCode).toBe(204)
})

test.for(['nodejs20.x', 'python3.12'])(
  'a function of %s that takes more memory than it has is killed',
  async (Runtime, { igarape }) => {
    const code =
      Runtime === 'python3.12'
        ? 'def handler(event, context):\n  return len(bytearray(300_000_000))'
        : 'exports.handler = async () => Buffer.alloc(300_000_000, 1).length'
    await makeFunction(igarape, 'hungry', code, { Runtime: Runtime as never, Timeout: 20 })

    const answer = await invoke(igarape, 'hungry')

    expect(answer.value.errorType).toBe('Runtime.OutOfMemory')
    expect(answer.value.errorMessage).toMatch(/^RequestId: .* Error: Runtime exited with error: signal: killed$/)
    expect(answer.log).toContain('Max Memory Used: 128 MB')
  },
)

test('a function that exits is reported, and the next invocation starts anew', async ({ igarape }) => {
  await makeFunction(
    igarape,
    'exits',
    'exports.handler = async ({ code }) => code === undefined ? "fine" : process.exit(code)',
  )

  const answer = await invoke(igarape, 'exits', { code: 3 })

  expect(answer.value.errorType).toBe('Runtime.ExitError')
  expect(answer.value.errorMessage).toMatch(/Error: Runtime exited with error: exit status 3$/)
  expect((await invoke(igarape, 'exits')).value).toBe('fine')
})

test('handlers may be ES modules, CommonJS in folders, or answer by callback', async ({ igarape }) => {
  await makeFunction(igarape, 'module', { 'index.mjs': "export const handler = async () => 'module'" })
  await makeFunction(igarape, 'typed', {
    'package.json': '{"type":"module"}',
    'index.js': "export const handler = async () => 'typed'",
  })
  await makeFunction(
    igarape,
    'folder',
    { 'src/app.js': "exports.api = { get: async () => 'folder' }" },
    { Handler: 'src/app.api.get' },
  )
  await makeFunction(
    igarape,
    'callback',
    "exports.handler = (event, context, callback) => setTimeout(() => callback(null, 'callback'), 5)",
  )
  await makeFunction(
    igarape,
    'failing',
    "exports.handler = (event, context, callback) => callback(new Error('by callback'))",
  )

  for (const name of ['module', 'typed', 'folder', 'callback']) expect((await invoke(igarape, name)).value).toBe(name)
  expect((await invoke(igarape, 'failing')).value.errorMessage).toBe('by callback')
})

test.for(['require', 'import'])('the AWS SDK is there for code that uses %s', async (style, { igarape }) => {
  const body = `async () => {
    const answer = await new STSClient({}).send(new GetCallerIdentityCommand({}))
    return answer.Account
  }`
  const files =
    style === 'require'
      ? {
          'index.js': `const { STSClient, GetCallerIdentityCommand } = require('@aws-sdk/client-sts')\nexports.handler = ${body}`,
        }
      : {
          'index.mjs': `import { STSClient, GetCallerIdentityCommand } from '@aws-sdk/client-sts'\nexport const handler = ${body}`,
        }
  await makeFunction(igarape, 'sdk', files as unknown as Record<string, string>, { Timeout: 30, MemorySize: 512 })

  expect((await invoke(igarape, 'sdk')).value).toBe('000000000000')
})

test('a payload must be JSON and of a size', async ({ igarape }) => {
  await makeFunction(igarape, 'echo', 'exports.handler = async (event) => event')
  const send = (Payload: string, InvocationType?: 'Event') =>
    igarape
      .client(LambdaClient)
      .send(new InvokeCommand({ FunctionName: 'echo', Payload, ...(InvocationType && { InvocationType }) }))

  await expect(send('{nonsense')).rejects.toMatchObject({ name: 'InvalidRequestContentException' })
  await expect(send(`"${'x'.repeat(1_048_576)}"`, 'Event')).rejects.toMatchObject({
    name: 'RequestTooLargeException',
    message: 'Request must be smaller than 1048576 bytes for the InvokeFunction operation',
  })
  const large = await invoke(igarape, 'echo', 'é'.repeat(2_000_000))
  expect(large.value).toHaveLength(2_000_000)
  await expect(invoke(igarape, 'nobody')).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'Function not found: arn:aws:lambda:us-east-1:000000000000:function:nobody',
  })
})
