/** An example of ours, deployed by the CDK into a server of its own. */
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { deploy } from '../../src/cli/demo/deployment.ts'
import type { Mail } from '../../src/cli/mail.ts'
import { type Igarape, startIgarape } from '../../src/testkit/server.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

export const exampleFolder = (name: string) => `${root}examples/${name}`

export async function deployedExample(name: string): Promise<Igarape> {
  const igarape = await startIgarape()
  const { options } = igarape.server.platform
  mkdirSync(options.cache, { recursive: true })
  const { endpoint } = igarape
  await deploy({ root, exampleFolder: exampleFolder(name), endpoint, options, progress: () => undefined })
  await igarape.settled()
  return igarape
}

export async function mailsOf(igarape: Igarape): Promise<Mail[]> {
  const { messages } = (await (await fetch(`${igarape.endpoint}/_igarape/mail`)).json()) as { messages: Mail[] }
  return messages
}
