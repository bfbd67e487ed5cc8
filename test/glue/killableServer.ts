/** A server of a process and a folder of its own, which a test kills and starts again on the system's clock. */
import { type ChildProcess, spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { GlueClient } from '@aws-sdk/client-glue'
import { S3Client } from '@aws-sdk/client-s3'

const command = resolve(import.meta.dirname, '../../bin/igarape.js')

export async function started(data: string): Promise<{ child: ChildProcess; endpoint: string }> {
  const child = spawn(process.execPath, [command, 'start', '--port', '0', '--data', data], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const endpoint = await new Promise<string>((done, fail) => {
    let said = ''
    child.once('exit', (code) => fail(new Error(`the server ended with ${code}: ${said}`)))
    child.stdout?.on('data', (part: Buffer) => {
      said += part.toString()
      const found = /http:\/\/[\d.:]+/.exec(said)?.[0]
      if (/^Ready\.$/m.test(said) && found) done(found)
    })
  })
  return { child, endpoint }
}

export function clients(endpoint: string) {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const settings = { endpoint, region: 'us-east-1', credentials, forcePathStyle: true }
  return { glue: new GlueClient(settings), s3: new S3Client(settings) }
}
