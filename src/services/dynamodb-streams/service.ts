/** Amazon DynamoDB Streams: what changed in tables, read back in order. The tables' own service writes it. */
import { defineService } from '../service.ts'
import { recordOperations } from './records.ts'
import { streamOperations } from './streams.ts'

export const dynamodbStreams = defineService('dynamodb-streams', {
  operations: [streamOperations, recordOperations],
})
