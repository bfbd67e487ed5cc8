/** A web server of a test: it remembers what it was asked and answers as it is told. */
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'

export interface Asked {
  method: string
  url: string
  headers: IncomingHttpHeaders
  body: string
}

export interface Answer {
  status?: number
  headers?: Record<string, string>
  body?: string
  /** Takes over the connection: for servers that break off or lie. */
  raw?: (socket: Socket) => void
}

export interface WebServer {
  url: string
  asked: Asked[]
  close(): Promise<void>
}

/** Answers the first request with the first answer, and so on; the last one stays. */
export async function webServer(answers: Answer[] = [{}], tls?: { key: string; cert: string }): Promise<WebServer> {
  const asked: Asked[] = []
  const listener: RequestListener = (request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      asked.push({ method, url, headers, body: Buffer.concat(parts).toString('utf8') })
      const answer = answers[Math.min(asked.length, answers.length) - 1] ?? {}
      if (answer.raw) answer.raw(request.socket)
      else response.writeHead(answer.status ?? 200, answer.headers).end(answer.body)
    })
  }
  const server: Server = tls ? (createSecureServer(tls, listener) as unknown as Server) : createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
