/** Amazon Resource Names, taken apart. */

/** `arn:aws:sqs:us-east-1:000000000000:fila` */
export type Arn = string

export interface ArnParts {
  partition: string
  service: string
  region: string
  account: string
  /** Everything after the fifth colon: `fila`, `rule/bus/name`, `log-group:name:*`. */
  resource: string
}

/** Undefined where the text is no ARN. */
export function parseArn(arn: string): ArnParts | undefined {
  const match = /^arn:([^:]+):([^:]+):([^:]*):([^:]*):(.+)$/s.exec(arn)
  if (!match) return undefined
  const [, partition, service, region, account, resource] = match as unknown as [
    string,
    string,
    string,
    string,
    string,
    string,
  ]
  return { partition, service, region, account, resource }
}
