/** Lines to copy: how one's own tools reach the server that the demo leaves running. */
import { paint } from '../terminal.ts'
import type { Example } from './example.ts'

export function copyLines(endpoint: string, example: Example, bucket: string): string {
  const part = (title: string, lines: string[]) =>
    [paint.bold(`   ${title}`), ...lines.map((line) => `   ${line}`), ''].join('\n')
  return [
    part('In a shell', [
      `export AWS_ENDPOINT_URL=${endpoint} AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test`,
      ...example.next(bucket),
    ]),
    part('boto3', [`boto3.client("s3", endpoint_url="${endpoint}")   # or AWS_ENDPOINT_URL, and no change at all`]),
    part('Terraform', [
      'provider "aws" {',
      '  region = "us-east-1"',
      '  access_key = "test"',
      '  secret_key = "test"',
      '  skip_credentials_validation = true',
      '  skip_requesting_account_id = true',
      '  s3_use_path_style = true',
      '}   # with AWS_ENDPOINT_URL as above',
    ]),
    part(
      'Igarapé',
      example.more.map((command) => `node bin/igarape.js ${command}${portFlag(endpoint)}`),
    ),
  ].join('\n')
}

function portFlag(endpoint: string): string {
  const { port } = new URL(endpoint)
  return port === '4566' ? '' : ` --port ${port}`
}
