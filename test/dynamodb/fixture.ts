/** A table to put things into. */
import { CreateTableCommand, type CreateTableCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Igarape } from '../../src/testkit/server.ts'

export async function withTable(igarape: Igarape, more: Partial<CreateTableCommandInput> = {}) {
  const dynamodb = igarape.client(DynamoDBClient)
  await dynamodb.send(
    new CreateTableCommand({
      TableName: 'vendas',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'loja', AttributeType: 'S' },
        { AttributeName: 'venda', AttributeType: 'N' },
      ],
      KeySchema: [
        { AttributeName: 'loja', KeyType: 'HASH' },
        { AttributeName: 'venda', KeyType: 'RANGE' },
      ],
      ...more,
    }),
  )
  return dynamodb
}

export function keyOf(loja: string, venda: number | string) {
  return { loja: { S: loja }, venda: { N: String(venda) } }
}
