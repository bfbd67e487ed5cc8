/** The API as a whole: what needs a partner, or a second Region's endpoint, says by name that it is not here. */
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { expect } from 'vitest'
import { loadModel } from '../../src/wire/model.ts'
import { test } from '../fixture.ts'

const partners = [
  'ActivateEventSource',
  'CreatePartnerEventSource',
  'DeactivateEventSource',
  'DeletePartnerEventSource',
  'DescribeEventSource',
  'DescribePartnerEventSource',
  'ListEventSources',
  'ListPartnerEventSourceAccounts',
  'ListPartnerEventSources',
  'PutPartnerEvents',
]
const endpoints = ['CreateEndpoint', 'DeleteEndpoint', 'DescribeEndpoint', 'ListEndpoints', 'UpdateEndpoint']
/** Enough of an input to pass the model's checks. */
const partnerSource = 'aws.partner/example.com/n'
const partnerInput = {
  Name: partnerSource,
  Account: '111122223333',
  EventSourceName: partnerSource,
  NamePrefix: `${partnerSource}/`,
  Entries: [{ Source: partnerSource, DetailType: 't', Detail: '{}' }],
}
const endpointInput = {
  Name: 'n',
  RoutingConfig: {
    FailoverConfig: {
      Primary: { HealthCheck: 'arn:aws:route53:::healthcheck/0123' },
      Secondary: { Route: 'us-west-2' },
    },
  },
  EventBuses: ['us-east-1', 'us-west-2'].map((region) => ({
    EventBusArn: `arn:aws:events:${region}:000000000000:event-bus/default`,
  })),
}

test.for([...partners, ...endpoints])('%s is not implemented, and names itself', async (operation, { igarape }) => {
  const response = await fetch(igarape.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `AWSEvents.${operation}` },
    body: JSON.stringify(partners.includes(operation) ? partnerInput : endpointInput),
  })
  const answer = (await response.json()) as { __type: string; message: string }

  expect({ status: response.status, ...answer }).toMatchObject({
    status: 501,
    message: expect.stringContaining(operation),
  })
  expect(answer.__type).toContain('NotImplemented')
})

test('every other operation of the model is there, archives and replays apart', ({ igarape }) => {
  const service = igarape.server.platform.services.get('eventbridge')
  const refused = new Set([...partners, ...endpoints])
  const missing = Object.keys(loadModel('eventbridge').raw.operations)
    .filter((operation) => !refused.has(operation) && !service?.operations.has(operation))
    .filter((operation) => !/Archive|Replay/.test(operation))

  expect(missing).toEqual([])
})

test('an event for a global endpoint is refused', async ({ igarape }) => {
  const Entries = [{ Source: 'app', DetailType: 't', Detail: '{}' }]
  const command = new PutEventsCommand({ Entries })
  // The SDK signs such a request by another algorithm that is not installed; so it is sent as it would be on the wire.
  const response = await fetch(igarape.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AWSEvents.PutEvents' },
    body: JSON.stringify({ ...command.input, EndpointId: 'abcde.veo' }),
  })

  expect(response.status).toBe(501)
  const events = igarape.client(EventBridgeClient)
  expect((await events.send(command)).FailedEntryCount).toBe(0)
})
