/** What scrolls by itself: named, and reachable by keyboard, or nobody without a mouse could read its end. */
import type { ComponentChildren, JSX, Ref } from 'preact'

interface Props {
  label: string
  class: string
  children: ComponentChildren
  frame?: Ref<HTMLElement>
}

export function Scrolled({ label, class: name, children, frame }: Props): JSX.Element {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <section class={name} tabIndex={0} aria-label={label} {...(frame && { ref: frame })}>
      {children}
    </section>
  )
}
