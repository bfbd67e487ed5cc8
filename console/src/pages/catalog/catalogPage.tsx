/** The Data Catalog: databases, tables with their columns and partitions, a look at the rows, and the crawlers that find them. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { PageProps } from '../../app.tsx'
import { t } from '../../language/text.ts'
import { Card, Empty, PageHead, Shown, Tabs } from '../../parts/blocks.tsx'
import { Filter } from '../../parts/filter.tsx'
import { Icon } from '../../parts/icons.tsx'
import { link } from '../../router.ts'
import { type Output, pages } from '../../server/aws.ts'
import { useLive } from '../../server/live.ts'
import { Crawlers } from './crawlers.tsx'
import { TableCard } from './tableCard.tsx'

export function CatalogPage({ place }: PageProps): JSX.Element {
  const isOfCrawlers = place.path[0] === 'crawlers' && place.path.length === 1
  return (
    <>
      <PageHead
        title={t('Catalog')}
        lead={t('What the lake holds, by name: tables, their columns, their partitions, their rows.')}
      />
      <Tabs
        active={isOfCrawlers ? 'crawlers' : 'tables'}
        href={(id) => (id === 'tables' ? link('catalog') : link('catalog', ['crawlers']))}
        tabs={[
          { id: 'tables', name: t('Tables') },
          { id: 'crawlers', name: t('Crawlers') },
        ]}
      />
      {isOfCrawlers ? <Crawlers /> : <Databases path={place.path} />}
    </>
  )
}

function Databases({ path }: { path: string[] }): JSX.Element {
  const live = useLive('catalog', findTables, 5_000)
  const [words, setWords] = useState('')
  return (
    <Shown live={live}>
      {(databases) => {
        const all = databases.flatMap(({ tables }) => tables)
        if (all.length === 0)
          return (
            <Card>
              <Empty icon="catalog" title={t('The Catalog is empty')}>
                <p>{t('Jobs, crawlers and CREATE TABLE in SQL put tables into it.')}</p>
                <p>
                  <a href={link('sql')}>{t('Write SQL')}</a>
                </p>
              </Empty>
            </Card>
          )
        const chosen =
          all.find(
            ({ DatabaseName, Name }) => DatabaseName === path[0] && (path[1] === undefined || Name === path[1]),
          ) ?? all[0]
        return (
          <div class="split" style={{ '--left': '24%' }}>
            <Card flush title={<Filter value={words} onInput={setWords} label={t('Find a table')} />}>
              {databases.map(({ name, tables }) => (
                <div key={name}>
                  <h3 class="list-group">{name}</h3>
                  <ul class="list">
                    {tables
                      .filter((table) => `${name}.${table.Name}`.includes(words.toLowerCase()))
                      .map((table) => (
                        <li key={table.Name}>
                          <a href={link('catalog', [name, table.Name])} aria-current={table === chosen}>
                            <span class="row">
                              <Icon name="table" />
                              <span class="truncate">{table.Name}</span>
                            </span>
                          </a>
                        </li>
                      ))}
                    {tables.length === 0 && <li class="note">{t('no tables')}</li>}
                  </ul>
                </div>
              ))}
            </Card>
            <TableCard key={`${chosen.DatabaseName}.${chosen.Name}`} table={chosen} />
          </div>
        )
      }}
    </Shown>
  )
}

async function findTables(): Promise<{ name: string; tables: Output[] }[]> {
  const databases = await pages('glue', 'GetDatabases', {}, 'DatabaseList')
  return Promise.all(
    databases.map(async ({ Name }) => ({
      name: Name,
      tables: await pages('glue', 'GetTables', { DatabaseName: Name }, 'TableList'),
    })),
  )
}
