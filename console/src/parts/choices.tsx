/** Things of a kind in a list, each a link to itself; the one that is opened beside it is marked. */
import type { ComponentChildren, JSX } from 'preact'
import { Card } from './blocks.tsx'

interface Props<T> {
  title: ComponentChildren
  items: readonly T[]
  chosen: T | undefined
  keyOf: (one: T) => string
  hrefOf: (one: T) => string
  children: (one: T) => ComponentChildren
}

export function Choices<T>({ title, items, chosen, keyOf, hrefOf, children }: Props<T>): JSX.Element {
  return (
    <Card flush title={title}>
      <ul class="list">
        {items.map((one) => (
          <li key={keyOf(one)}>
            <a href={hrefOf(one)} aria-current={one === chosen}>
              {children(one)}
            </a>
          </li>
        ))}
      </ul>
    </Card>
  )
}
