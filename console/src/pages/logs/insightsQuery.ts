/** A query of Logs Insights, from its start to its end. */
import type { Call } from '../../parts/callTexts.ts'
import { aws, type Output } from '../../server/aws.ts'
import { Problem } from '../../server/control.ts'
import { untilOver } from '../sql/engine.ts'

interface Asked {
  groups: string[]
  query: string
  from: number
  until: number
}

/** What AWS is asked. */
export function startQuery({ groups, query, from, until }: Asked): Call {
  const input = {
    ...(groups.length > 0 && { logGroupNames: groups }),
    queryString: query,
    startTime: Math.floor(from / 1000),
    endTime: Math.ceil(until / 1000),
  }
  return { service: 'cloudwatch-logs', operation: 'StartQuery', input }
}

export async function runInsights(asked: Asked): Promise<Output> {
  const { service, operation, input } = startQuery(asked)
  const { queryId } = await aws(service, operation, input)
  const answer = await untilOver(async () => {
    const found = await aws('cloudwatch-logs', 'GetQueryResults', { queryId })
    return /Complete|Failed|Cancelled|Timeout/.test(found.status) ? found : undefined
  })
  if (answer.status !== 'Complete') throw new Problem(answer.status, answer.status, 400)
  return answer
}
