/** What the engine must know of a function to run it, and what it gives back. It knows no service and no store. */

export interface FunctionSpec {
  /** Instances are shared by equal keys: a function's version and the revision of its code and settings. */
  key: string
  name: string
  version: string
  accountId: string
  region: string
  runtime: string
  handler: string
  memoryMegabytes: number
  timeoutSeconds: number
  environment: Record<string, string>
  /** Unpacked code, in a folder of its own whose parent holds nothing else: the SDK is linked in beside it. */
  codeFolder: string
  /** Unpacked layers, merged in their order. */
  layersFolder?: string
  logGroup: string
  logFormat?: 'Text' | 'JSON'
  logLevel?: string
  /** What `AWS_ENDPOINT_URL` says. */
  endpoint?: string
  /** Where X-Ray's daemon listens: `127.0.0.1:2000`. */
  xrayDaemon?: string
}

export interface LogLine {
  stream: string
  message: string
}

export interface InvocationOptions {
  requestId: string
  functionArn: string
  traceId?: string
  /** Base64 in the API, JSON here. */
  clientContext?: string
  /** Called for every event until the instance has gone, so also for what a function prints between invocations. */
  onLog: (line: LogLine) => void
  /** Called when the handler is about to run. */
  onStart?: () => void
}

export interface InvocationResult {
  payload: Uint8Array
  functionError?: 'Handled' | 'Unhandled'
  errorType?: string
  durationMilliseconds: number
  billedMilliseconds: number
  initMilliseconds?: number
  memoryMegabytesMax: number
  logStream: string
}
