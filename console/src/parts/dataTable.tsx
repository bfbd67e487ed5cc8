/** A dense table that is read by keyboard too: rows that lead somewhere hold a link, and long lists stay short at first. */
import type { ComponentChildren, JSX } from 'preact'
import { useState } from 'preact/hooks'
import { t } from '../language/text.ts'
import { Scrolled } from './scrolled.tsx'

export interface Column<T> {
  name: string
  cell: (row: T) => ComponentChildren
  /** Of the values, in small letters beside the name. */
  type?: string
  /** Figures stand right. */
  isFigure?: boolean
  /** Left out on a phone. */
  isMinor?: boolean
  width?: string
}

const shownAtFirst = 100
const shownMore = 400

export function DataTable<T>(props: {
  columns: Column<T>[]
  rows: readonly T[]
  keyOf: (row: T, at: number) => string
  hrefOf?: (row: T) => string
  selected?: string | undefined
  caption: string
  class?: string
}): JSX.Element {
  const { columns, rows, keyOf, hrefOf, selected } = props
  const [limit, setLimit] = useState(shownAtFirst)
  return (
    <Scrolled class={`table-scroll ${props.class ?? ''}`} label={props.caption}>
      <table>
        <caption class="unseen">{props.caption}</caption>
        <thead>
          <tr>
            {columns.map((column, at) => (
              <th key={`${at}`} scope="col" class={classOf(column)} style={column.width ? { width: column.width } : {}}>
                {column.name}
                {column.type && <small>{column.type.toLowerCase()}</small>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, limit).map((row, at) => {
            const key = keyOf(row, at)
            return (
              <tr
                key={key}
                class={hrefOf ? 'leads' : ''}
                aria-selected={selected === undefined ? undefined : key === selected}
              >
                {columns.map((column, index) => (
                  <td key={`${index}`} class={classOf(column)}>
                    {hrefOf && index === 0 ? (
                      <a class="row-link" href={hrefOf(row)}>
                        {column.cell(row)}
                      </a>
                    ) : (
                      column.cell(row)
                    )}
                  </td>
                ))}
              </tr>
            )
          })}
        </tbody>
      </table>
      <More rows={rows.length} limit={limit} setLimit={setLimit} />
    </Scrolled>
  )
}

function More({ rows, limit, setLimit }: { rows: number; limit: number; setLimit: (limit: number) => void }) {
  if (rows <= limit) return null
  return (
    <button class="more" type="button" onClick={() => setLimit(limit + shownMore)}>
      {t('Show {n} more', { n: Math.min(shownMore, rows - limit) })}
    </button>
  )
}

function classOf<T>({ isFigure, isMinor }: Column<T>): string {
  return `${isFigure ? 'figure' : ''} ${isMinor ? 'minor' : ''}`
}

/** Rows of text cells under named columns: an answer to a query, a file. Two columns may have one name. */
export function Grid({
  columns,
  rows,
  caption,
}: {
  columns: { name: string; type?: string; isFigure?: boolean }[]
  rows: readonly (readonly (string | null)[])[]
  caption: string
}): JSX.Element {
  const cells = columns.map(({ name, type = '', isFigure = figureType.test(type) }, at) => ({
    name,
    type,
    isFigure,
    cell: (row: readonly (string | null)[]) => row[at] ?? <i class="null">null</i>,
  }))
  return <DataTable class="grid" caption={caption} columns={cells} rows={rows} keyOf={(_, at) => `${at}`} />
}

const figureType = /int|decimal|double|float|real|numeric/i
