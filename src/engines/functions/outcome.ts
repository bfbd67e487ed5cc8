/** How an invocation ends, in Lambda's words: the payload of each error, and the lines START, END and REPORT. */
import type { FunctionSpec } from './functionSpec.ts'

export type Outcome =
  | { kind: 'response'; body: Buffer }
  /** The runtime itself reported an error: its words are the payload. */
  | { kind: 'error'; errorType: string; body: Buffer }
  | { kind: 'timeout' }
  | { kind: 'memory' }
  | { kind: 'exit'; code: number | null; signal: NodeJS.Signals | null }

/** 6 MB and room for the envelope, as AWS counts it. */
export const responseBytesMax = 6_291_556

export interface Verdict {
  payload: Uint8Array
  errorType?: string
  status?: 'error' | 'timeout'
  /** What Lambda itself adds to the log. */
  lines: string[]
}

export function verdictOf(outcome: Outcome, spec: FunctionSpec, requestId: string, now: () => string): Verdict {
  switch (outcome.kind) {
    case 'response':
      if (outcome.body.length > responseBytesMax) return tooLarge(outcome.body.length)
      return { payload: outcome.body, lines: [] }
    case 'error': {
      const errorType = outcome.errorType || 'Unhandled'
      return { payload: outcome.body, errorType, status: 'error', lines: [] }
    }
    case 'timeout': {
      const words = `Task timed out after ${spec.timeoutSeconds.toFixed(2)} seconds`
      const payload = errorPayload('Sandbox.Timedout', `RequestId: ${requestId} Error: ${words}`)
      return { payload, errorType: 'Sandbox.Timedout', status: 'timeout', lines: [`${now()} ${requestId} ${words}\n`] }
    }
    case 'memory':
      return ended('Runtime.OutOfMemory', 'Runtime exited with error: signal: killed', requestId)
    case 'exit':
      return ended('Runtime.ExitError', exitWords(outcome.code, outcome.signal), requestId)
  }
}

export function startLine(requestId: string, version: string): string {
  return `START RequestId: ${requestId} Version: ${version}`
}

export function endLine(requestId: string): string {
  return `END RequestId: ${requestId}`
}

export function reportLine(report: {
  requestId: string
  durationMilliseconds: number
  billedMilliseconds: number
  initMilliseconds?: number
  memoryMegabytes: number
  memoryMegabytesMax: number
  traceId?: string
  verdict: Verdict
}): string {
  const { verdict } = report
  const parts = [
    `REPORT RequestId: ${report.requestId}`,
    `Duration: ${report.durationMilliseconds.toFixed(2)} ms`,
    `Billed Duration: ${report.billedMilliseconds} ms`,
    `Memory Size: ${report.memoryMegabytes} MB`,
    `Max Memory Used: ${report.memoryMegabytesMax} MB`,
  ]
  if (report.initMilliseconds !== undefined) parts.push(`Init Duration: ${report.initMilliseconds.toFixed(2)} ms`)
  if (verdict.status) parts.push(`Status: ${verdict.status}`)
  if (verdict.status === 'error') parts.push(`Error Type: ${verdict.errorType}`)
  return `${parts.join('\t')}\t`
}

/** What is logged when an initialization failed before the invocation; Lambda then initializes once more within it. */
export function initReportLine(outcome: Outcome, initMilliseconds: number): string {
  const status = outcome.kind === 'timeout' ? 'Status: timeout' : `Status: error\tError Type: ${errorTypeOf(outcome)}`
  return `INIT_REPORT Init Duration: ${initMilliseconds.toFixed(2)} ms\tPhase: init\t${status}`
}

function errorTypeOf(outcome: Outcome): string {
  if (outcome.kind === 'error') return outcome.errorType
  return outcome.kind === 'memory' ? 'Runtime.OutOfMemory' : 'Runtime.ExitError'
}

function ended(errorType: string, words: string, requestId: string): Verdict {
  const message = `RequestId: ${requestId} Error: ${words}`
  return {
    payload: errorPayload(errorType, message),
    errorType,
    status: 'error',
    lines: [`${message}\nRuntime.ExitError`],
  }
}

function exitWords(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal) return `Runtime exited with error: signal: ${signalWords[signal] ?? signal.toLowerCase()}`
  return code === 0 ? 'Runtime exited without providing a reason' : `Runtime exited with error: exit status ${code}`
}

/** The names that Go, in which Lambda supervises its runtimes, gives to signals. */
const signalWords: Partial<Record<NodeJS.Signals, string>> = {
  SIGKILL: 'killed',
  SIGTERM: 'terminated',
  SIGABRT: 'aborted',
  SIGSEGV: 'segmentation fault',
  SIGBUS: 'bus error',
  SIGILL: 'illegal instruction',
  SIGINT: 'interrupt',
  SIGHUP: 'hangup',
  SIGFPE: 'floating point exception',
  SIGTRAP: 'trace/breakpoint trap',
}

function tooLarge(bytes: number): Verdict {
  const errorType = 'Function.ResponseSizeTooLarge'
  const words = `Response payload size (${bytes} bytes) exceeded maximum allowed payload size (${responseBytesMax} bytes).`
  return { payload: errorPayload(errorType, words), errorType, status: 'error', lines: [] }
}

function errorPayload(errorType: string, errorMessage: string): Uint8Array {
  return Buffer.from(JSON.stringify({ errorType, errorMessage }))
}
