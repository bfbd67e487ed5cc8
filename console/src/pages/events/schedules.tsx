/** What comes by the clock: schedules and scheduled rules, with their next ten times. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { ago, moment, t } from '../../language/text.ts'
import { Button, Card, Empty, Shown, Status } from '../../parts/blocks.tsx'
import { act } from '../../parts/toasts.tsx'
import { aws, awsIfThere, type Output, pages } from '../../server/aws.ts'
import { get } from '../../server/control.ts'
import { useLive } from '../../server/live.ts'

interface Scheduled {
  id: string
  name: string
  group: string
  expression: string
  /** Absent for a rule, whose times are UTC. */
  zone?: string
  state: string
  target: string
  from?: number
  until?: number
  isRule: boolean
}

export function Schedules(): JSX.Element {
  const live = useLive('schedules', findScheduled, 5_000)
  const [chosenId, choose] = useState<string>()
  return (
    <Shown live={live}>
      {(list) => {
        if (list.length === 0)
          return (
            <Card>
              <Empty icon="schedule" title={t('Nothing comes by the clock')}>
                <p>
                  {t(
                    'Schedules of EventBridge Scheduler and rules with a schedule are shown here, with their next ten times.',
                  )}
                </p>
                <pre class="code">{"aws events put-rule --name nightly --schedule-expression 'cron(0 3 * * ? *)'"}</pre>
              </Empty>
            </Card>
          )
        const chosen = list.find(({ id }) => id === chosenId) ?? (list[0] as Scheduled)
        return (
          <div class="split" style={{ '--left': '46%' }}>
            <Card flush title={t('Schedules')}>
              <ul class="list">
                {list.map((one) => (
                  <li key={one.id}>
                    <button class="item" type="button" aria-current={one === chosen} onClick={() => choose(one.id)}>
                      <span class="row">
                        <strong class="truncate">{one.name}</strong>
                        <span style={{ marginLeft: 'auto' }}>
                          <Status of={one.state} />
                        </span>
                      </span>
                      <small class="mono">{one.expression}</small>
                    </button>
                  </li>
                ))}
              </ul>
            </Card>
            <Next key={chosen.id} one={chosen} />
          </div>
        )
      }}
    </Shown>
  )
}

function Next({ one }: { one: Scheduled }): JSX.Element {
  const live = useLive(
    `firings ${JSON.stringify(one)}`,
    () =>
      get<{ now: number; times: number[] }>('console/firings', {
        expression: one.expression,
        zone: one.isRule ? undefined : (one.zone ?? 'UTC'),
        from: one.from,
        until: one.until,
        count: 10,
      }),
    5_000,
  )
  const isOn = one.state === 'ENABLED'
  return (
    <Card
      title={one.name}
      actions={
        one.isRule && (
          <Button icon={isOn ? 'pause' : 'play'} onClick={() => turn(one, !isOn)}>
            {isOn ? t('Disable') : t('Enable')}
          </Button>
        )
      }
    >
      <p class="quiet-words">
        <code>{one.expression}</code> · {one.zone ?? 'UTC'} ·{' '}
        {one.isRule ? t('rule') : t('group {name}', { name: one.group })} → <code>{one.target}</code>
      </p>
      {!isOn && (
        <p class="waits" style={{ margin: '10px 0 0' }}>
          {t('It is disabled: at these times nothing happens.')}
        </p>
      )}
      <Shown live={live}>
        {({ now, times }) =>
          times.length === 0 ? (
            <Empty icon="schedule" title={t('It comes no more')} />
          ) : (
            <ol class="times">
              {times.map((time) => (
                <li key={time}>
                  <time dateTime={new Date(time).toISOString()}>{moment(time)}</time>
                  <span class="quiet-words">{ago(time, now)}</span>
                </li>
              ))}
            </ol>
          )
        }
      </Shown>
    </Card>
  )
}

function turn({ name }: Scheduled, isOn: boolean): void {
  void act(
    () => aws('eventbridge', isOn ? 'EnableRule' : 'DisableRule', { Name: name }),
    isOn ? t('{name} is enabled.', { name }) : t('{name} is disabled.', { name }),
  )
}

async function findScheduled(): Promise<Scheduled[]> {
  const [rules, schedules] = await Promise.all([
    pages('eventbridge', 'ListRules', {}, 'Rules'),
    pages('scheduler', 'ListSchedules', {}, 'Schedules').catch(() => []),
  ])
  const timed = rules.filter(({ ScheduleExpression }) => ScheduleExpression)
  return [...(await Promise.all(schedules.map(ofScheduler))), ...(await Promise.all(timed.map(ofRule)))]
}

async function ofScheduler({ Name, GroupName }: Output): Promise<Scheduled> {
  const found = await aws('scheduler', 'GetSchedule', { Name, GroupName })
  return {
    id: `${GroupName}/${Name}`,
    name: Name,
    group: GroupName,
    expression: found.ScheduleExpression,
    zone: found.ScheduleExpressionTimezone ?? 'UTC',
    state: found.State,
    target: shortArn(found.Target?.Arn),
    ...(found.StartDate && { from: found.StartDate * 1000 }),
    ...(found.EndDate && { until: found.EndDate * 1000 }),
    isRule: false,
  }
}

async function ofRule(rule: Output): Promise<Scheduled> {
  const answer = await awsIfThere('eventbridge', 'ListTargetsByRule', { Rule: rule.Name })
  return {
    id: `rule/${rule.Name}`,
    name: rule.Name,
    group: '',
    expression: rule.ScheduleExpression,
    state: rule.State,
    target: (answer?.Targets ?? []).map((target: Output) => shortArn(target.Arn)).join(', ') || '—',
    isRule: true,
  }
}

const shortArn = (arn = '') => arn.split(':').slice(5).join(':') || arn
