/** What is measured beside other servers, and what each row should reach: as shares, since absolutes are a machine's own. */

/** A line of the peers bench's output. */
export type Row = Record<string, unknown> & { peer: string; row: string }

export interface Goal {
  what: string
  /** As the bench names it. */
  row: string
  conns?: number
  rules?: number
  field: string
  unit: string
  reference?: { peer: string; row?: string; conns?: number; rules?: number; field?: string }
  goal?: string
}

interface Suite {
  suite: string
  /** Of those that are there. */
  wanted: readonly string[]
  options: readonly string[]
  rows: readonly Goal[]
}

const bare = ['igarape', 'raw-wal', 'raw-lmdb', 'ministack']

export const goals: readonly Suite[] = [
  {
    suite: 'startup',
    wanted: ['igarape', 'ministack'],
    options: [],
    rows: [
      {
        what: 'ready',
        row: 'start',
        field: 'ready_ms',
        unit: 'ms',
        goal: '≤ 300 ms',
        reference: { peer: 'ministack' },
      },
      { what: 'idle memory, with mapped files', row: 'start', field: 'rss_mb', unit: 'MB' },
    ],
  },
  {
    // In one run, for deliveries are a share of what a bare log takes.
    suite: 'sqs,eventbridge',
    wanted: bare,
    options: ['--rows', 'SendMessage|Receive$|flood|paced', '--conns', '16', '--rules', '1,100,1000'],
    rows: [
      ...beside(
        { what: 'SendMessage', row: 'SendMessage' },
        { 'raw-wal': '≥ 0.5x', 'raw-lmdb': '', ministack: '≥ 2x' },
      ),
      ...beside(
        { what: 'SendMessageBatch(10), messages', row: 'SendMessageBatch(10)' },
        { 'raw-wal': '≥ 0.5x', 'raw-lmdb': '', ministack: '≥ 1.6x' },
      ),
      ...beside({ what: 'Receive + Delete', row: 'Receive(1)+Delete' }, { ministack: '' }),
      ...[1, 100, 1000].flatMap(delivered),
    ],
  },
  {
    suite: 's3',
    wanted: [...bare, 'raw-echo'],
    options: ['--rows', 'PUT 1|GET 1', '--conns', '16'],
    rows: [
      ...beside({ what: 'PUT 1 KB', row: 'PUT 1KB' }, { 'raw-wal': '≥ 0.5x', ministack: '' }),
      ...beside({ what: 'GET 1 KB', row: 'GET 1KB' }, { 'raw-echo': '≥ 0.4x', ministack: '' }),
      ...beside({ what: 'PUT 1 MB', row: 'PUT 1MB' }, { ministack: '≥ 1x' }),
      ...beside({ what: 'GET 1 MB', row: 'GET 1MB' }, { ministack: '≥ 1x' }),
    ],
  },
  {
    suite: 'lambda',
    wanted: ['igarape', 'ministack'],
    options: ['--conns', '1,16'],
    rows: [
      latency('Invoke cold, Python, p50', 'Invoke cold python', 'p50_ms', '≤ 0.5x'),
      { ...latency('Invoke warm, Python, p50', 'Invoke warm python', 'p50_ms', '≤ 3 ms'), conns: 1 },
      ...beside({ what: 'Invoke warm, Python', row: 'Invoke warm python' }, { ministack: '≥ 5x' }),
    ],
  },
  {
    suite: 's3lambda',
    wanted: ['igarape', 'ministack'],
    options: [],
    rows: [
      latency('S3 PUT → handler, warm, Python, p50', 'S3 to handler, warm, python', 'p50_ms', '≤ 5 ms'),
      latency('S3 PUT → handler, warm, Python, p99', 'S3 to handler, warm, python', 'p99_ms', '≤ 25 ms'),
      latency('200 puts at 16, Python, p99', 'S3 to handler, 200 puts at 16, python', 'p99_ms', '≤ 0.3x'),
      { ...latency('… memory after it', 'S3 to handler, 200 puts at 16, python', 'rss_mb', '≤ 0.3x'), unit: 'MB' },
    ],
  },
  {
    suite: 'durability',
    wanted: ['igarape'],
    options: [],
    rows: ['SQS sends', 'PutEvents to SQS', 'S3 puts'].map((kind) => ({
      what: `kill -9, ${kind}: missing`,
      row: `kill -9: ${kind}`,
      field: 'missing',
      unit: '',
      goal: '≤ 0',
    })),
  },
]

function delivered(rules: number): Goal[] {
  const row = 'PutEvents(10) flood'
  const taken = { peer: 'raw-wal', row: 'SendMessageBatch(10)', conns: 16, field: 'ops_s' }
  const what = `PutEvents(10) → rule → SQS, ${rules} rules, delivered`
  return [
    { what, row, rules, field: 'delivered_s', unit: '/s', reference: taken, goal: '≥ 0.25x' },
    { what, row, rules, field: 'delivered_s', unit: '/s', reference: { peer: 'ministack' } },
    { what: '… server CPU', row, rules, field: 'server_cpu_ms_op', unit: 'ms/event' },
    { what: '… one event, paced, p50', row: 'delivery, paced 1 event', rules, field: 'p50_ms', unit: 'ms' },
  ]
}

/** A rate at 16 connections, once beside each of those servers; and the server's processor time, which holds on a busy machine. */
function beside({ what, row }: { what: string; row: string }, shares: Record<string, string>): Goal[] {
  return Object.entries(shares).flatMap(([peer, goal]): Goal[] => {
    const measured = { row, conns: 16, reference: { peer } }
    return [
      { ...measured, what, field: 'ops_s', unit: '/s', ...(goal && { goal }) },
      { ...measured, what: '… server CPU', field: 'server_cpu_ms_op', unit: 'ms' },
    ]
  })
}

function latency(what: string, row: string, field: string, goal: string): Goal {
  return { what, row, field, unit: 'ms', goal, reference: { peer: 'ministack' } }
}
