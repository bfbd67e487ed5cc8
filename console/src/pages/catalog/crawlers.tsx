/** Crawlers: what they look through, when they ran, and what they found. */
import type { JSX } from 'preact'
import { duration, moment, t } from '../../language/text.ts'
import { Button, Card, Empty, Shown, Status } from '../../parts/blocks.tsx'
import { DataTable } from '../../parts/dataTable.tsx'
import { act } from '../../parts/toasts.tsx'
import { aws, type Output } from '../../server/aws.ts'
import { useLive } from '../../server/live.ts'

export function Crawlers(): JSX.Element {
  const live = useLive('crawlers', () => aws('glue', 'GetCrawlers'), 2_000)
  return (
    <Card flush title={t('Crawlers')}>
      <Shown live={live}>
        {({ Crawlers: list = [] }) =>
          list.length === 0 ? (
            <Empty icon="search" title={t('No crawler')}>
              <p>{t('A crawler looks through a prefix and puts the tables it finds into the Catalog.')}</p>
            </Empty>
          ) : (
            <DataTable<Output>
              caption={t('Crawlers')}
              rows={list}
              keyOf={({ Name }) => Name}
              columns={[
                { name: t('Name'), cell: ({ Name }) => <strong>{Name}</strong> },
                {
                  name: t('State'),
                  cell: ({ State, LastCrawl }) => (
                    <Status of={State === 'READY' ? (LastCrawl?.Status ?? 'READY') : State} />
                  ),
                },
                { name: t('Looks through'), cell: targetsOf },
                { name: t('Database'), cell: ({ DatabaseName }) => DatabaseName, isMinor: true },
                { name: t('Last crawl'), cell: lastOf, isMinor: true },
                {
                  name: '',
                  cell: ({ Name, State }) => (
                    <Button icon="play" disabled={State !== 'READY'} onClick={() => start(Name)}>
                      {t('Run now')}
                    </Button>
                  ),
                  isFigure: true,
                },
              ]}
            />
          )
        }
      </Shown>
    </Card>
  )
}

function targetsOf({ Targets = {} }: Output): JSX.Element[] {
  const paths: string[] = [
    ...(Targets.S3Targets ?? []).map(({ Path }: Output) => Path),
    ...(Targets.DynamoDBTargets ?? []).map(({ Path }: Output) => `dynamodb ${Path}`),
    ...(Targets.CatalogTargets ?? []).map(({ DatabaseName }: Output) => `catalog ${DatabaseName}`),
    ...(Targets.JdbcTargets ?? []).map(({ Path }: Output) => `jdbc ${Path}`),
  ]
  return paths.map((path) => (
    <code key={path} style={{ display: 'block' }}>
      {path}
    </code>
  ))
}

function lastOf({ LastCrawl, CrawlElapsedTime }: Output): string {
  if (!LastCrawl?.StartTime) return '—'
  return `${moment(LastCrawl.StartTime * 1000)}${CrawlElapsedTime ? ` · ${duration(CrawlElapsedTime)}` : ''}`
}

function start(name: string): void {
  void act(() => aws('glue', 'StartCrawler', { Name: name }), t('{job} runs.', { job: name }))
}
