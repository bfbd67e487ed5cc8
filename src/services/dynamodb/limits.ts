/** What an account may provision, and where it is served. Quotas: DynamoDB Developer Guide, "Service, account, and table quotas". */
import { operations } from '../service.ts'

const accountUnitsMax = 80_000
const tableUnitsMax = 40_000
const endpointMinutes = 1_440

export const limitOperations = operations('dynamodb', {
  async DescribeLimits() {
    return {
      AccountMaxReadCapacityUnits: accountUnitsMax,
      AccountMaxWriteCapacityUnits: accountUnitsMax,
      TableMaxReadCapacityUnits: tableUnitsMax,
      TableMaxWriteCapacityUnits: tableUnitsMax,
    }
  },

  async DescribeEndpoints(_, ctx) {
    return { Endpoints: [{ Address: new URL(ctx.caller.endpoint).host, CachePeriodInMinutes: endpointMinutes }] }
  },
})
