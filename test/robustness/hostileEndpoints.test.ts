/** Web endpoints that lead back to the server's own control endpoints: what may be published must not reset a server. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CreateTopicCommand, ListTopicsCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

test('by whatever name, no message goes to the port of the server itself', async ({ igarape }) => {
  const { sns, TopicArn } = await topic(igarape)
  const hosts = ['127.0.0.1', 'localhost', '0.0.0.0', '2130706433', '0x7f.1', '127.1', '[::1]', '[::ffff:127.0.0.1]']

  for (const host of [...hosts, 'LOCALHOST', 'a:b@127.0.0.1']) {
    const Endpoint = `http://${host}:${igarape.port}/_igarape/reset`
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'http', Endpoint })).catch(() => undefined)
  }
  await igarape.clock.advance({ hours: 1 })

  expect(await topics(igarape)).toEqual([TopicArn])
})

test('an endpoint that redirects to the server is not followed', async ({ igarape }) => {
  const { sns, TopicArn } = await topic(igarape)
  let asked = 0
  const web = await listening(
    createServer((_, response) => {
      asked++
      response.writeHead(307, { location: `http://127.0.0.1:${igarape.port}/_igarape/reset` }).end()
    }),
  )
  const Endpoint = `http://127.0.0.1:${(web.address() as AddressInfo).port}/`
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'http', Endpoint }))
  await sns.send(new PublishCommand({ TopicArn, Message: 'vendas' }))
  await igarape.clock.advance({ hours: 1 })
  web.close()

  expect(asked).toBeGreaterThan(0)
  expect(await topics(igarape)).toEqual([TopicArn])
})

test('the control endpoint would have done it', async ({ igarape }) => {
  await topic(igarape)
  const answer = await fetch(`${igarape.endpoint}/_igarape/reset`, { method: 'POST', body: '{}' })

  expect(answer.ok).toBe(true)
  expect(await topics(igarape)).toEqual([])
})

async function topic(igarape: Igarape): Promise<{ sns: SNSClient; TopicArn: string }> {
  const sns = igarape.client(SNSClient)
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'vendas' }))
  return { sns, TopicArn }
}

async function topics(igarape: Igarape): Promise<(string | undefined)[]> {
  const { Topics = [] } = await igarape.client(SNSClient).send(new ListTopicsCommand({}))
  return Topics.map(({ TopicArn }) => TopicArn)
}

function listening(server: Server): Promise<Server> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}
