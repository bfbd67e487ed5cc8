/**
 * AWS's operations by name, in JSON: `aws('glue', 'GetJobs', {})`. What is asked for in one turn goes out in one request.
 * Answers are as the SDKs know them, but times are seconds and bytes are base64.
 */
import { Problem, post } from './control.ts'

// biome-ignore lint/suspicious/noExplicitAny: the answers are AWS's own shapes, read where they are shown
export type Output = any

interface Waiting {
  call: { service: string; operation: string; input: object }
  resolve(output: Output): void
  reject(problem: Problem): void
}

type Answer = { output: Output; error?: undefined } | { error: { code: string; message: string; status: number } }

let waiting: Waiting[] = []
const atOnceMax = 400

export function aws(service: string, operation: string, input: object = {}): Promise<Output> {
  return new Promise((resolve, reject) => {
    waiting.push({ call: { service, operation, input }, resolve, reject })
    if (waiting.length === 1) queueMicrotask(send)
    if (waiting.length >= atOnceMax) send()
  })
}

/** The same; undefined where this server has no such operation or thing. */
export function awsIfThere(service: string, operation: string, input: object = {}): Promise<Output | undefined> {
  return aws(service, operation, input).catch((problem: Problem) => {
    if (problem.isMissing || problem.status === 404 || problem.status === 400) return undefined
    throw problem
  })
}

/** All pages of a list: `pages('glue', 'GetJobs', {}, 'Jobs')`. */
export async function pages(
  service: string,
  operation: string,
  input: object,
  member: string,
  { token = 'NextToken', answered, most = 1000 }: { token?: string; answered?: string; most?: number } = {},
): Promise<Output[]> {
  const found: Output[] = []
  let next: string | undefined
  do {
    const page: Output = await aws(service, operation, { ...input, ...(next && { [token]: next }) })
    found.push(...(page[member] ?? []))
    next = page[answered ?? token]
  } while (next && found.length < most)
  return found
}

async function send(): Promise<void> {
  const sent = waiting
  waiting = []
  if (sent.length === 0) return
  try {
    const { answers } = await post<{ answers: Answer[] }>('console/calls', { calls: sent.map(({ call }) => call) })
    for (const [at, { resolve, reject }] of sent.entries()) {
      const answer = answers[at] as Answer
      if (answer.error) reject(new Problem(answer.error.code, answer.error.message, answer.error.status))
      else resolve(answer.output)
    }
  } catch (error) {
    for (const { reject } of sent) reject(error as Problem)
  }
}
