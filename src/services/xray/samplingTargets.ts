/**
 * What clients report of a rule, and what each of them may sample of its reservoir. A reservoir is shared by the clients that
 * reported lately: each gets its part of it, and who reports first gets what is left over.
 */
import type { Millis } from '../../clock.ts'
import type { Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { NotImplemented } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { getRule, ruleChanges, type SamplingRule } from './samplingRules.ts'

/** Seconds after which a client asks again, as AWS says. */
const intervalSeconds = 10
const intervalMillis = intervalSeconds * 1000
/** A client that missed one report still has its part. */
const activeMillis = 3 * intervalMillis
const keptWindowsMax = 60

interface SamplingClient {
  ruleName: string
  clientId: string
  reportedAt: Millis
}

const samplingClients = collection<SamplingClient>('xray/sampling-clients', {
  version: 1,
  key: ({ ruleName, clientId }) => [ruleName, clientId],
})

/** What all clients said of one rule in ten seconds. */
interface SamplingWindow {
  ruleName: string
  at: Millis
  requests: number
  sampled: number
  borrowed: number
}

const samplingWindows = collection<SamplingWindow>('xray/sampling-windows', {
  version: 1,
  key: ({ ruleName, at }) => [ruleName, at],
})

interface Report {
  RuleName: string | undefined
  ClientID: string | undefined
  RequestCount: number | undefined
  SampledCount: number | undefined
  BorrowCount?: number | undefined
}

export const samplingTargetOperations = operations('xray', {
  async GetSamplingTargets(input, ctx) {
    if (input.SamplingBoostStatisticsDocuments?.length) throw NotImplemented('xray: sampling boosts')
    const reports = input.SamplingStatisticsDocuments
    const targets = await ctx.commit((tx) => {
      for (const report of reports) if (getRule(tx, report.RuleName ?? '')) count(tx, report)
      return reports.flatMap(({ RuleName: name = '', ClientID: client = '' }) => {
        const rule = getRule(tx, name)
        return rule ? [targetOf(tx, rule, client)] : []
      })
    })
    const unknown = reports.filter(({ RuleName = '' }) => !getRule(ctx, RuleName))
    return {
      SamplingTargetDocuments: targets,
      LastRuleModification: new Date(ctx.in(ruleChanges).get('last')?.at ?? 0),
      UnprocessedStatistics: unknown.map(({ RuleName }) => ({
        RuleName,
        ErrorCode: '400',
        Message: 'Unknown rule',
      })),
      UnprocessedBoostStatistics: [],
    }
  },

  async GetSamplingStatisticSummaries(_input, ctx) {
    return { SamplingStatisticSummaries: [...ctx.in(samplingWindows).list()].map(summaryOf) }
  },
})

function count(tx: Tx, report: Report): void {
  const { RuleName: ruleName = '', ClientID: clientId = '' } = report
  tx.in(samplingClients).put({ ruleName, clientId, reportedAt: tx.now })
  const at = Math.floor(tx.now / intervalMillis) * intervalMillis
  const before = tx.in(samplingWindows).get(ruleName, at) ?? { ruleName, at, requests: 0, sampled: 0, borrowed: 0 }
  tx.in(samplingWindows).put({
    ...before,
    requests: before.requests + (report.RequestCount ?? 0),
    sampled: before.sampled + (report.SampledCount ?? 0),
    borrowed: before.borrowed + (report.BorrowCount ?? 0),
  })
  forgetOld(tx, ruleName)
}

function forgetOld(tx: Tx, ruleName: string): void {
  const before: [string, Millis] = [ruleName, tx.now - keptWindowsMax * intervalMillis]
  for (const { at } of [...tx.in(samplingWindows).list({ prefix: [ruleName], before })]) {
    tx.in(samplingWindows).delete(ruleName, at)
  }
  for (const { clientId, reportedAt } of [...tx.in(samplingClients).list({ prefix: [ruleName] })]) {
    if (reportedAt < tx.now - activeMillis) tx.in(samplingClients).delete(ruleName, clientId)
  }
}

function targetOf(tx: Tx, { name, fixedRate, reservoirSize }: SamplingRule, client: string) {
  const clients = [...tx.in(samplingClients).list({ prefix: [name] })].map(({ clientId }) => clientId)
  const place = clients.indexOf(client)
  const quota = Math.floor(reservoirSize / clients.length) + (place < reservoirSize % clients.length ? 1 : 0)
  return {
    RuleName: name,
    FixedRate: fixedRate,
    ReservoirQuota: quota,
    ReservoirQuotaTTL: new Date(tx.now + intervalMillis),
    Interval: intervalSeconds,
  }
}

function summaryOf({ ruleName, at, requests, sampled, borrowed }: SamplingWindow) {
  return {
    RuleName: ruleName,
    Timestamp: new Date(at),
    RequestCount: requests,
    SampledCount: sampled,
    BorrowCount: borrowed,
  }
}
