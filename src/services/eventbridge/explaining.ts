/** `igarape explain`: why a rule did or did not match, leaf by leaf, for a given event or the last of its bus. */
import type { ExplainQuestion, RuleExplainer } from '../../delivery/explainer.ts'
import type { Platform } from '../../delivery/platform.ts'
import { explain } from '../../engines/patterns/explanation.ts'
import { compilePattern } from '../../engines/patterns/pattern.ts'
import { eventRouter } from './routing.ts'
import { mustGetRule } from './rules.ts'

export function createExplainer(platform: Platform): RuleExplainer {
  return {
    explain(question) {
      const ctx = platform.context({ account: question.account, region: question.region })
      const rule = mustGetRule(ctx, question.bus, question.rule)
      const events = eventsFor(platform, question)
      if (!rule.pattern) return { rule: rule.name, events: [] }
      const pattern = compilePattern(rule.pattern)
      return {
        rule: rule.name,
        pattern: rule.pattern,
        events: events.map((json) => ({
          event: JSON.parse(json) as object,
          ...explain(pattern, json),
          ...(rule.state === 'DISABLED' && { note: 'The rule is disabled: it matches nothing.' }),
        })),
      }
    },
  }
}

function eventsFor(platform: Platform, { event, last, bus, ...scope }: ExplainQuestion): string[] {
  if (event !== undefined) return [typeof event === 'string' ? event : JSON.stringify(event)]
  return platform.use(eventRouter).recentEvents(scope, bus).slice(0, last)
}
