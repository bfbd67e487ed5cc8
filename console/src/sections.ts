/** The pages: their names, icons, and the letter that follows `g`. One list for navigation, palette and keys. */
import type { Text } from './language/text.ts'
import type { IconName } from './parts/icons.tsx'

export interface Section {
  id: string
  name: Text
  icon: IconName
  letter: string
  group?: Text
}

export const sections: readonly Section[] = [
  { id: 'flow', name: 'Flow', icon: 'flow', letter: 'f' },
  { id: 'events', name: 'Events', icon: 'event', letter: 'e' },
  { id: 'queues', name: 'Queues', icon: 'queue', letter: 'q', group: 'What waits' },
  { id: 'objects', name: 'Objects', icon: 'bucket', letter: 'o' },
  { id: 'mail', name: 'Mail', icon: 'mail', letter: 'm' },
  { id: 'jobs', name: 'Jobs', icon: 'job', letter: 'j', group: 'What works' },
  { id: 'functions', name: 'Functions', icon: 'function', letter: 'u' },
  { id: 'catalog', name: 'Catalog', icon: 'catalog', letter: 'c', group: 'What came out' },
  { id: 'sql', name: 'SQL', icon: 'sql', letter: 's' },
  { id: 'tables', name: 'Tables', icon: 'table', letter: 't' },
  { id: 'logs', name: 'Logs', icon: 'logs', letter: 'l', group: 'What is seen' },
  { id: 'metrics', name: 'Metrics', icon: 'metrics', letter: 'a' },
]
