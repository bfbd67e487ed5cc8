/** Drawn for the console: one stroke, 20 units wide, in the colour of the words beside them. */
import type { JSX } from 'preact'

const paths = {
  flow: 'M2.5 7c2.5-2.6 5-2.6 7.5 0s5 2.6 7.5 0M2.5 13c2.5-2.6 5-2.6 7.5 0s5 2.6 7.5 0',
  event: 'M11 2.5 4.5 11H10l-1 6.5L15.5 9H10z',
  queue: 'M3.5 5h13M3.5 10h13M3.5 15h8M14.5 13v4m-2-2h4',
  bucket:
    'M3.5 5.500c0-1.4 2.9-2.5 6.5-2.500s6.5 1.1 6.5 2.500L15 15.500c0 1.1-2.2 2-5 2s-5-.9-5-2zM3.5 5.500C3.5 6.9 6.4 8 10 8s6.5-1.1 6.5-2.5',
  mail: 'M3 5h14v10.500H3zM3 5.500l7 5.5 7-5.5',
  job: 'M10 2.500v2m0 11v2M2.5 10h2m11 0h2M4.7 4.700l1.4 1.400m7.8 7.8 1.4 1.400M4.7 15.300l1.4-1.400m7.8-7.8 1.4-1.400M13.5 10a3.5 3.5 0 1 1-7 0 3.5 3.5 0 0 1 7 0z',
  catalog: 'M4 3.500h5.500v13H4zM9.5 3.500H12v13H9.500M12.3 4.200l2.7-.7 2.5 12.3-2.7.7z',
  sql: 'M3 4h14v12H3zM6 8l2.5 2L6 12m4 .5h4',
  function: 'M5 3.500h2.500L14 16.500M9.3 8 5.5 16.500M12.5 16.500H15',
  table: 'M3 4h14v12H3zM3 8h14M3 12h14M8 4v12',
  logs: 'M4 5h12M4 8.300h8M4 11.700h12M4 15h6',
  metrics: 'M3 16.500h14M5 13.500V10m3.5 3.500v-7m3.5 7V8.500m3.5 5V4',
  rule: 'M3 10h4l6-5.500M7 10l6 5.500M13 4.500h3.500V8M13 15.500h3.500V12',
  topic: 'M4 8v4h3l5 3.500v-11L7 8zM14.5 7.500a3.5 3.5 0 0 1 0 5',
  warehouse: 'M3 8.5 10 4l7 4.500v8H3zM6.5 16.500v-6h7v6M6.5 13.500h7',
  schedule: 'M17 10a7 7 0 1 1-14 0 7 7 0 0 1 14 0zM10 6v4l2.8 1.8',
  web: 'M17 10a7 7 0 1 1-14 0 7 7 0 0 1 14 0zM3 10h14M10 3c4 4.5 4 9.5 0 14-4-4.5-4-9.5 0-14z',
  alarm: 'M5 14c1-1 1.3-2.5 1.3-5a3.7 3.7 0 0 1 7.4 0c0 2.5.3 4 1.3 5zM8.5 16.500h3',
  search: 'M14 8.500a5.5 5.5 0 1 1-11 0 5.5 5.5 0 0 1 11 0zM12.5 12.5 17 17',
  sun: 'M13.5 10a3.5 3.5 0 1 1-7 0 3.5 3.5 0 0 1 7 0zM10 2.500v1.500m0 12v1.500M2.5 10H4m12 0h1.500M4.7 4.700l1 1m8.6 8.6 1 1M4.7 15.300l1-1m8.6-8.6 1-1',
  moon: 'M16 12.500A7 7 0 0 1 7.5 4a6.8 6.8 0 1 0 8.5 8.500z',
  auto: 'M17 10a7 7 0 1 1-14 0 7 7 0 0 1 14 0zM10 3v14',
  menu: 'M3 5.500h14M3 10h14M3 14.500h14',
  close: 'M5 5l10 10M15 5 5 15',
  right: 'M7.5 4.5 13 10l-5.5 5.5',
  down: 'M4.5 7.5 10 13l5.5-5.5',
  left: 'M12.5 4.5 7 10l5.5 5.5',
  play: 'M6 4l10 6-10 6z',
  again: 'M16 10a6 6 0 1 1-1.8-4.300M16.5 3v3.500H13',
  check: 'M4 10.5 8 14.5 16 5.5',
  alert: 'M10 3 17.5 16.500h-15zM10 8v4m0 2v.3',
  download: 'M10 3v9m-3.5-3.500L10 12l3.5-3.500M4 16.500h12',
  file: 'M5 2.500h6.500L15.5 6.500v11H5zM11.5 2.500v4h4',
  folder: 'M2.5 5h5l1.5 2h8.500v9h-15z',
  pause: 'M6.5 4.500v11M13.5 4.500v11',
  plug: 'M7 3v4m6-4v4M5 7h10v3a5 5 0 0 1-10 0zM10 15v3',
  copy: 'M7 7h9.500v9.500H7zM4.5 13h-1V3.500H13v1',
  lock: 'M5 9h10v8H5zM7 9V6.500a3 3 0 0 1 6 0V9',
} as const

export type IconName = keyof typeof paths

export function Icon({ name, size = 16, title }: { name: IconName; size?: number; title?: string }): JSX.Element {
  return (
    // biome-ignore lint/a11y/noSvgWithoutTitle: a title would be a tooltip; a name is given where it says something
    <svg
      class="icon"
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linecap="round"
      stroke-linejoin="round"
      {...(title ? { role: 'img', 'aria-label': title } : { 'aria-hidden': true })}
    >
      <path d={paths[name]} />
    </svg>
  )
}

/** The mark: three lines of water. */
export function Mark({ size = 28 }: { size?: number }): JSX.Element {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="9" fill="var(--mark)" />
      <g fill="none" stroke-linecap="round" stroke-width="2.5">
        <path d="M6 11.500c4-4 7-4 10 0s6 4 10 0" stroke="#e4faf1" />
        <path d="M6 17c4-4 7-4 10 0s6 4 10 0" stroke="#96e3ca" />
        <path d="M6 22.500c4-4 7-4 10 0s6 4 10 0" stroke="#4fcfae" />
      </g>
    </svg>
  )
}

const serviceIcons: Record<string, IconName> = {
  s3: 'bucket',
  eventbridge: 'event',
  scheduler: 'schedule',
  lambda: 'function',
  glue: 'job',
  sqs: 'queue',
  sns: 'topic',
  athena: 'sql',
  redshift: 'warehouse',
  'redshift-data': 'warehouse',
  'redshift-serverless': 'warehouse',
  dynamodb: 'table',
  'cloudwatch-logs': 'logs',
  cloudwatch: 'metrics',
}

export function iconOfService(service: string, action = ''): IconName {
  if (service === 'eventbridge' && action === 'matched') return 'rule'
  if (service === 'sns' && action === 'Email') return 'mail'
  return serviceIcons[service] ?? 'plug'
}
