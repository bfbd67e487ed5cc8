/**
 * Reads what strace wrote of a server, and tells of each acknowledged write whether it was on disk when its answer was
 * sent. The order of the lines is the order of the calls: a call that others interrupted has a line for its begin
 * (`<unfinished ...>`) and one for its end (`resumed`).
 */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

/** What strace has to record, with the paths of descriptors (`-y`) and enough of the bytes. */
export const straceArguments: readonly string[] = [
  ...['-f', '-y', '-s', '65536', '--signal=none'],
  ...['-e', 'trace=openat,write,writev,pwrite64,pwritev,sendto,sendmsg,fdatasync,fsync,rename'],
]

interface Call {
  name: string
  /** Arguments and result, as printed. */
  text: string
  begin: number
  end: number
}

export interface Acknowledged {
  /** Stands in the stored bytes. */
  id: string
  /** Stands in the answer. */
  requestId: string
}

interface LogWrite {
  begin: number
  /** Where it was over. */
  end: number
  /** The kernel synced it before it returned. */
  synced: boolean
}

/** Archived events go by the log, and reach their files later (adr/0044). */
const ownSegment = /\/segments\/(?!archive-)/
const logPath = /\/log-[01]$/
const idPattern = /[A-Za-z]+-\d{6}/g
const requestIdPattern = /x-amzn-requestid: ([0-9a-f-]{36})/gi

/** Where each thing that matters happened, as numbers of lines. */
export class SystemCalls {
  /** The first whole write into the log, by id. */
  readonly #logged = new Map<string, LogWrite>()
  /** Bodies that are files: the file, and where its last write was over. */
  readonly #files = new Map<string, { path: string; end: number }>()
  /** Entries of segments: the write that put them there. */
  readonly #segments = new Map<string, LogWrite>()
  readonly #answers = new Map<string, number>()
  /** Syncs of the log by a call of their own, where writing does not sync already. */
  readonly #logSyncs: Call[] = []
  readonly #fileSyncs = new Map<string, Call>()
  readonly #renames = new Map<string, { to: string; call: Call }>()
  /** Descriptors whose every write is synced by the kernel. */
  readonly #syncedDescriptors = new Set<string>()

  static async read(path: string): Promise<SystemCalls> {
    const calls = new SystemCalls()
    const unfinished = new Map<string, Omit<Call, 'end'>>()
    let number = 0
    for await (const line of createInterface({ input: createReadStream(path, 'latin1') })) {
      number++
      const [, process = '', rest = ''] = /^(\d+) +(.*)$/s.exec(line) ?? []
      const resumed = /^<\.\.\. (\w+) resumed>(.*)$/s.exec(rest)
      if (resumed) {
        const begun = unfinished.get(process)
        unfinished.delete(process)
        if (begun) calls.#note({ ...begun, text: begun.text + resumed[2], end: number })
        continue
      }
      const [, name, text = ''] = /^(\w+)\((.*)$/s.exec(rest) ?? []
      if (!name) continue
      if (text.endsWith('<unfinished ...>')) unfinished.set(process, { name, text, begin: number })
      else calls.#note({ name, text, begin: number, end: number })
    }
    return calls
  }

  /** What is wrong with each write that was answered before it was on disk. */
  violations(acknowledged: readonly Acknowledged[]): string[] {
    return acknowledged.flatMap(({ id, requestId }) => {
      const fault = this.#fault(id, this.#answers.get(requestId))
      return fault ? [`${id}: ${fault}`] : []
    })
  }

  #fault(id: string, answer: number | undefined): string | undefined {
    const logged = this.#logged.get(id)
    if (answer === undefined) return 'its answer was not seen'
    if (logged === undefined || logged.end > answer) return 'it was not written to the log before its answer'
    if (!logged.synced) {
      const sync = this.#logSyncs.find((call) => call.begin > logged.end)
      if (!sync || sync.end > answer) return 'its log was not synced before its answer'
    }
    const entry = this.#segments.get(id)
    if (entry && (!entry.synced || entry.end > logged.begin)) return 'its entry was not on disk before what tells of it'
    const file = this.#files.get(id)
    return file && this.#fileFault(file, answer)
  }

  #fileFault({ path, end }: { path: string; end: number }, answer: number): string | undefined {
    const sync = this.#fileSyncs.get(path)
    if (!sync || sync.begin < end || sync.end > answer) return 'its file was not synced before its answer'
    const renamed = this.#renames.get(path)
    if (!renamed || renamed.call.begin < sync.end) return 'its file was not in its place after it was synced'
    const folder = this.#fileSyncs.get(renamed.to.slice(0, renamed.to.lastIndexOf('/')))
    if (!folder || folder.end < renamed.call.end) return 'the folder of its file was not synced'
    return undefined
  }

  #note(call: Call): void {
    const { name, text } = call
    if (/= -1 /.test(text.slice(-80))) return
    const [, descriptor = '', path = ''] = /^(\d+)<([^>]*)>/.exec(text) ?? []
    if (name === 'openat') {
      const opened = /O_DSYNC.* = (\d+)</.exec(text)?.[1]
      if (opened) this.#syncedDescriptors.add(opened)
    } else if (name === 'rename') {
      const [, from = '', to = ''] = /^"([^"]*)", "([^"]*)"/.exec(text) ?? []
      this.#renames.set(from, { to, call })
    } else if (name === 'fdatasync' || name === 'fsync') {
      if (logPath.test(path)) this.#logSyncs.push(call)
      else this.#fileSyncs.set(path, call)
    } else if (path.startsWith('socket:') || path.startsWith('TCP')) {
      for (const [, id] of text.matchAll(requestIdPattern)) this.#answers.set((id as string).toLowerCase(), call.begin)
    } else if (logPath.test(path) || ownSegment.test(path)) {
      const places = logPath.test(path) ? this.#logged : this.#segments
      const [, wanted, written] = /, (\d+), \d+\)\s+= (\d+)$/.exec(text.slice(-80)) ?? []
      // A part is no write: what follows it will be the whole.
      if (wanted !== written) return
      const synced = this.#syncedDescriptors.has(descriptor)
      for (const [id] of text.matchAll(idPattern))
        if (!places.has(id)) places.set(id, { begin: call.begin, end: call.end, synced })
    } else if (path.includes('/blobs/')) {
      for (const [id] of text.matchAll(idPattern)) this.#files.set(id, { path, end: call.end })
    }
  }
}
