/** Which endpoints may be subscribed, by protocol. */
import { parseArn } from '../../delivery/arn.ts'
import { NotImplemented } from '../../wire/errors.ts'
import { isPhoneNumber } from './phones.ts'
import { isEndpointArn } from './push.ts'
import { invalid } from './refusals.ts'
import type { Protocol } from './subscriptionRecords.ts'
import type { Topic } from './topics.ts'

const absent = new Set(['firehose'])

/** Errors: InvalidParameter in AWS's words; NotImplemented for those that are not here. */
export function readEndpoint(protocol: string, endpoint: string | undefined, topic: Topic): Protocol {
  if (absent.has(protocol)) throw NotImplemented(`A subscription of SNS with the protocol ${protocol}`)
  if (endpoint === undefined || endpoint === '') throw invalid('Endpoint Reason: Endpoint is required')
  switch (protocol) {
    case 'sqs':
      checkQueue(endpoint, topic)
      return protocol
    case 'lambda':
      if (!/^arn:aws[a-z-]*:lambda:[^:]+:\d{12}:function:./.test(endpoint)) throw invalid('Lambda endpoint ARN')
      checkStandard(protocol, topic)
      return protocol
    case 'http':
    case 'https':
      if (!endpoint.startsWith(`${protocol}://`)) throw invalid('Endpoint must match the specified protocol')
      if (!URL.canParse(endpoint)) throw invalid('Endpoint Reason: Invalid URL')
      checkStandard(protocol, topic)
      return protocol
    case 'email':
    case 'email-json':
      if (!/^[^\s@<>,;:"]+@[^\s@<>,;:"]+$/.test(endpoint)) throw invalid('Email address')
      checkStandard(protocol, topic)
      return protocol
    case 'sms':
      if (!isPhoneNumber(endpoint)) throw invalid(`Invalid SMS endpoint: ${endpoint}`)
      checkStandard(protocol, topic)
      return protocol
    case 'application':
      if (!isEndpointArn(endpoint)) throw invalid(`Application endpoint arn invalid:${endpoint}`)
      checkStandard(protocol, topic)
      return protocol
    default:
      throw invalid(`Amazon SNS does not support this protocol string: ${protocol}`)
  }
}

function checkQueue(endpoint: string, topic: Topic): void {
  const arn = parseArn(endpoint)
  if (arn?.service !== 'sqs' || !arn.account || !arn.region) throw invalid('SQS endpoint ARN')
  if (!topic.isFifo && arn.resource.endsWith('.fifo')) {
    throw invalid('Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics')
  }
}

function checkStandard(protocol: string, topic: Topic): void {
  if (topic.isFifo) {
    throw invalid(
      `Invalid parameter: Endpoint Reason: Please use FIFO SQS queue, ${protocol} is not supported by FIFO topics`,
    )
  }
}
