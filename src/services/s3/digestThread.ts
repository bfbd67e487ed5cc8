/**
 * The other side of digestThreads.ts: a thread that computes what is wanted of large bodies. It runs as one file that
 * scripts/digestThread.ts builds, because a thread is given a text, wherever the server itself was loaded from.
 */
import { parentPort } from 'node:worker_threads'
import { type Digested, type DigestOrder, Digests } from './digests.ts'

export type DigestCall = { call: number; body: number } & (
  | { kind: 'update'; order: DigestOrder; bytes: Uint8Array }
  | { kind: 'finish'; order: DigestOrder }
  /** What was begun is not wanted any more. */
  | { kind: 'forget' }
)

export type DigestAnswer = { call: number } & ({ digested?: Digested } | { failure: string })

const bodies = new Map<number, Digests>()

parentPort?.on('message', (call: DigestCall) => {
  parentPort?.postMessage(answerTo(call) satisfies DigestAnswer)
})

function answerTo(asked: DigestCall): DigestAnswer {
  const { call, body } = asked
  try {
    const digested = digestedBy(asked)
    return digested ? { call, digested } : { call }
  } catch (error) {
    bodies.delete(body)
    return { call, failure: error instanceof Error ? error.message : String(error) }
  }
}

function digestedBy(asked: DigestCall): Digested | undefined {
  const { body, kind } = asked
  if (kind === 'forget') {
    bodies.delete(body)
    return undefined
  }
  const digests = bodies.get(body) ?? new Digests(asked.order)
  if (kind === 'update') {
    digests.update(asked.bytes)
    bodies.set(body, digests)
    return undefined
  }
  bodies.delete(body)
  return digests.finish()
}
