/**
 * As much of an AWS client as the demo needs: operations of the JSON protocols, and objects. The demo speaks to the
 * server as any program would, over its port.
 */

export interface AwsClient {
  readonly endpoint: string
  readonly region: string
  /** `call('AWSGlue', 'GetPartitions', {…})`: the service's target prefix, the operation, its input. */
  call<T>(target: string, operation: string, input: object): Promise<T>
  putObject(bucket: string, key: string, body: Buffer): Promise<void>
  /** The keys under a prefix, the first thousand. */
  listKeys(bucket: string, prefix: string): Promise<string[]>
}

/** The name by which a service signs, for its target prefix: it says whose request this is. */
const signingNames: Record<string, string> = {
  AmazonAthena: 'athena',
  RedshiftData: 'redshift-data',
  AWSGlue: 'glue',
  AmazonSQS: 'sqs',
  DynamoDB_20120810: 'dynamodb',
}

/** The services of JSON 1.0; the others speak 1.1. */
const awsJson10 = new Set(['AmazonSQS', 'DynamoDB_20120810'])

export function awsClient(endpoint: string, region: string): AwsClient {
  const headersFor = (service: string) => ({
    // On loopback nobody checks the signature; the credential says which region and which service are meant.
    authorization: `AWS4-HMAC-SHA256 Credential=test/20250101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
  })
  return {
    endpoint,
    region,
    async call(target, operation, input) {
      const response = await fetch(endpoint, {
        method: 'POST',
        headers: {
          ...headersFor(signingNames[target] ?? target.toLowerCase()),
          'content-type': `application/x-amz-json-${awsJson10.has(target) ? '1.0' : '1.1'}`,
          'x-amz-target': `${target}.${operation}`,
        },
        body: JSON.stringify(input),
      })
      const text = await response.text()
      if (!response.ok) throw new Error(`${operation}: ${response.status} ${text}`)
      return JSON.parse(text)
    },
    async putObject(bucket, key, body) {
      const response = await fetch(`${endpoint}/${bucket}/${encodeURIComponent(key)}`, {
        method: 'PUT',
        headers: { ...headersFor('s3'), 'content-type': 'text/csv' },
        body: new Uint8Array(body),
      })
      if (!response.ok) throw new Error(`PutObject ${key}: ${response.status} ${await response.text()}`)
    },
    async listKeys(bucket, prefix) {
      const response = await fetch(`${endpoint}/${bucket}?list-type=2&prefix=${encodeURIComponent(prefix)}`, {
        headers: headersFor('s3'),
      })
      const text = await response.text()
      if (!response.ok) throw new Error(`ListObjectsV2 ${prefix}: ${response.status} ${text}`)
      return [...text.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key]) => key ?? '')
    },
  }
}
