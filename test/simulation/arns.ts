/** ARNs of a plan's parts. */
const arn = (service: string, resource: string) => `arn:aws:${service}:us-east-1:000000000000:${resource}`

export const queueArn = (name: string): string => arn('sqs', name)
export const topicArn = (name: string): string => arn('sns', name)
export const functionArn = (name: string): string => arn('lambda', `function:${name}`)
export const busArn = (name: string): string => arn('events', `event-bus/${name}`)
/** Without the last part, which is another one each time that it is made. */
export const endpointArn = (name: string): string => arn('events', `api-destination/${name}`)
export const endpointArnOf = (whole: string): string => whole.replace(/(:api-destination\/[^/]+)\/.*$/, '$1')

export const arnOf = { queue: queueArn, topic: topicArn, function: functionArn, bus: busArn, endpoint: endpointArn }

export function arnParts(arn: string): { name: string } {
  return { name: arn.split(/[:/]/).at(-1) ?? '' }
}
