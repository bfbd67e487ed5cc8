/** Checked against the package's types alone: no Vitest, no SDK, no Node types. */
import { type Igarape, igarapeFixture, type StartSettings, startIgarape } from 'igarape/testing'

class Client {
  readonly endpoint: string
  constructor(settings: { endpoint: string; region: string }) {
    this.endpoint = settings.endpoint
  }
  destroy(): void {}
}

export async function use(settings: StartSettings = { clock: 'virtual', options: { region: 'sa-east-1' } }) {
  const igarape: Igarape = await startIgarape(settings)
  const client: Client = igarape.client(Client)
  const now: Date = igarape.clock.now()
  await igarape.clock.advance({ hours: 1 })
  await igarape.settled()
  await igarape.reset()
  await igarape.stop()
  // @ts-expect-error: the inside is not for users
  igarape.server
  // @ts-expect-error: there is no such option
  await startIgarape({ options: { flavour: 'mild' } })
  return { client, now, fixture: igarapeFixture }
}
