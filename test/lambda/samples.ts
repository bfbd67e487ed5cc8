/** Functions for tests: their code, zipped, made through the SDK. */
import {
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  InvokeCommand,
  type InvokeCommandInput,
  LambdaClient,
} from '@aws-sdk/client-lambda'
import { zipSync } from 'fflate'
import type { Igarape } from '../../src/testkit/server.ts'

export const role = 'arn:aws:iam::000000000000:role/functions'

export function zipped(files: Record<string, string>): Uint8Array {
  return zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)])))
}

export async function makeFunction(
  igarape: Igarape,
  name: string,
  files: Record<string, string> | string,
  settings: Partial<CreateFunctionCommandInput> = {},
): Promise<string> {
  const python = settings.Runtime?.startsWith('python')
  const code = typeof files === 'string' ? { [python ? 'index.py' : 'index.js']: files } : files
  const { FunctionArn } = await igarape.client(LambdaClient).send(
    new CreateFunctionCommand({
      FunctionName: name,
      Role: role,
      Runtime: 'nodejs20.x',
      Handler: 'index.handler',
      Code: { ZipFile: zipped(code) },
      ...settings,
    }),
  )
  return FunctionArn as string
}

export async function invoke(
  igarape: Igarape,
  name: string,
  event: unknown = {},
  settings: Partial<InvokeCommandInput> = {},
) {
  const answer = await igarape
    .client(LambdaClient)
    .send(new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event), LogType: 'Tail', ...settings }))
  const text = answer.Payload ? Buffer.from(answer.Payload).toString('utf8') : ''
  const log = answer.LogResult ? Buffer.from(answer.LogResult, 'base64').toString('utf8') : ''
  return { ...answer, text, log, value: text === '' ? undefined : JSON.parse(text) }
}
