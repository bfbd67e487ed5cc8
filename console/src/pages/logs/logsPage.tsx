/** Logs: a group's streams as they come, narrowed by a filter pattern; and Logs Insights. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { PageProps } from '../../app.tsx'
import { bytes, t } from '../../language/text.ts'
import { Card, Empty, PageHead, Shown, Tabs } from '../../parts/blocks.tsx'
import { Choices } from '../../parts/choices.tsx'
import { Filter } from '../../parts/filter.tsx'
import { link } from '../../router.ts'
import { type Output, pages } from '../../server/aws.ts'
import { useLive } from '../../server/live.ts'
import { Insights } from './insights.tsx'
import { Tail } from './tail.tsx'

const groupsOf = (): Promise<Output[]> =>
  pages('cloudwatch-logs', 'DescribeLogGroups', {}, 'logGroups', { token: 'nextToken' })

export function LogsPage({ place }: PageProps): JSX.Element {
  const isOfInsights = place.path[0] === 'insights'
  const live = useLive('log groups', groupsOf, 4_000)
  return (
    <>
      <PageHead title={t('Logs')} lead={t('What was said while it ran, and questions to it.')} />
      <Tabs
        active={isOfInsights ? 'insights' : 'streams'}
        href={(id) => (id === 'streams' ? link('logs') : link('logs', ['insights']))}
        tabs={[
          { id: 'streams', name: t('Groups and streams') },
          { id: 'insights', name: 'Insights' },
        ]}
      />
      <Shown live={live}>
        {(groups) => {
          if (groups.length === 0)
            return (
              <Card>
                <Empty icon="logs" title={t('No log group')}>
                  <p>{t('Functions and jobs make theirs when they first run.')}</p>
                </Empty>
              </Card>
            )
          const names = groups.map(({ logGroupName }) => logGroupName as string)
          if (isOfInsights) return <Insights groups={names} asked={place.query} />
          return <Groups groups={groups} path={place.path} />
        }}
      </Shown>
    </>
  )
}

function Groups({ groups, path }: { groups: Output[]; path: string[] }): JSX.Element {
  const [words, setWords] = useState('')
  const shown = groups.filter(({ logGroupName }) => logGroupName.toLowerCase().includes(words.toLowerCase()))
  const chosen = groups.find(({ logGroupName }) => logGroupName === path[0]) ?? shown[0]
  return (
    <div class="split" style={{ '--left': '28%' }}>
      <Choices
        title={<Filter value={words} onInput={setWords} label={t('Find a log group')} />}
        items={shown}
        chosen={chosen}
        keyOf={(group) => group.logGroupName}
        hrefOf={(group) => link('logs', [group.logGroupName])}
      >
        {(group) => (
          <>
            <span class="truncate" title={group.logGroupName}>
              {group.logGroupName}
            </span>
            <small>
              {bytes(group.storedBytes ?? 0)} ·{' '}
              {group.retentionInDays ? t('{n} days', { n: group.retentionInDays }) : t('for ever')}
            </small>
          </>
        )}
      </Choices>
      {chosen && <Tail key={chosen.logGroupName} group={chosen.logGroupName} stream={path[1]} />}
    </div>
  )
}
