/** `igarape explain`: why a rule did or did not match, leaf by leaf, for a given event or the last of its bus. */
import type { ExplainQuestion, RuleExplainer, TailQuestion } from '../../delivery/explainer.ts'
import type { Platform } from '../../delivery/platform.ts'
import { explain } from '../../engines/patterns/explanation.ts'
import type { Pattern } from '../../engines/patterns/pattern.ts'
import { buses, mustGetBus } from './buses.ts'
import { eventRouter } from './routing.ts'
import { mustCompile, mustGetRule, type Rule } from './rules.ts'

export function createExplainer(platform: Platform): RuleExplainer {
  return {
    explain(question) {
      const ctx = platform.context({ account: question.account, region: question.region })
      const rule: Explained =
        question.pattern === undefined
          ? mustGetRule(ctx, question.bus, question.rule)
          : { name: question.rule, pattern: question.pattern }
      if (!rule.pattern) return { rule: rule.name, events: [] }
      const pattern = mustCompile(rule.pattern)
      const note = rule.state === 'DISABLED' ? { note: 'The rule is disabled: it matches nothing.' } : {}
      const explained = eventsFor(platform, question, pattern).map((json) => ({
        event: JSON.parse(json) as object,
        ...explain(pattern, json),
        ...note,
      }))
      return { rule: rule.name, pattern: rule.pattern, events: explained }
    },
    eventsAfter: (question) => eventsAfter(platform, question),
  }
}

type Explained = Pick<Rule, 'name'> & Partial<Pick<Rule, 'pattern' | 'state'>>

function eventsFor(platform: Platform, question: ExplainQuestion, pattern: Pattern): string[] {
  const { event, last, bus, onlyUnmatched = false, ...scope } = question
  if (event !== undefined) return [typeof event === 'string' ? event : JSON.stringify(event)]
  const recent = platform.use(eventRouter).recentEvents(scope, bus)
  return recent.filter((json) => !onlyUnmatched || !pattern.matches(json)).slice(0, last)
}

function eventsAfter(platform: Platform, { bus, after, account, region }: TailQuestion) {
  const ctx = platform.context({ account, region })
  mustGetBus(ctx.in(buses), bus)
  const kept = platform.use(eventRouter).recentEvents({ account, region }, bus)
  const recent = kept.map((json) => JSON.parse(json) as { id: string })
  const seen = after === 'now' ? 0 : recent.findIndex(({ id }) => id === after)
  const events = recent.slice(0, seen < 0 ? recent.length : seen).reverse()
  return { events, last: recent[0]?.id ?? '' }
}
