/** What each of the four pipelines tells the demo of itself: its files, what must come of them, and how to go on. */
import type { Pipeline } from './pipeline.ts'

/** A file that is dropped into a bucket. */
export interface DemoFile {
  key: string
  /** Short, for people. */
  name: string
  body: Buffer
  /** What is special about it. */
  note: string
}

export interface Check {
  what: string
  /** What is wrong; absent if it is as it should be. */
  fault?: string
}

export interface Example {
  /** Its app is examples/NAME. */
  name: string
  /** What it is, in a line. */
  about: string
  stack: string
  /** The bucket that files are dropped into, without account and region. */
  bucket: string
  /** Whether hours must pass in a moment: then the server's clock is virtual. */
  movesClock?: boolean
  /** Errors: UserError for a file of the user's that cannot be taken. */
  files(exampleFolder: string, own?: string): Promise<DemoFile[]>
  /** Drops the files, shows what came out, and says what was checked. */
  play(pipeline: Pipeline): Promise<Check[]>
  /** Shell lines to try next. */
  next(bucket: string): string[]
  /** Commands of `igarape` that say more. */
  more: string[]
}

export function check(what: string, isSo: boolean, fault: string): Check {
  return isSo ? { what } : { what, fault }
}
