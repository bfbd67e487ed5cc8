/** What was written, what was answered, and what came out. */
import type { WritePlan } from './plan.ts'

export interface Written {
  write: WritePlan
  /** The mark. */
  id: string
  /** Of an object: its key. */
  key: string
  /** In the order of things: one write that was answered before another began was first. */
  begun: number
  answered?: number
}

export interface Seen {
  queue: string
  messageId: string
  ids: string[]
  key: string
  body: string
  attributes: Record<string, string>
  group?: string
}
