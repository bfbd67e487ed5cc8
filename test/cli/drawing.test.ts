/** What the command line draws, as text. */
import { expect, test } from 'vitest'
import { drawExplanation } from '../../src/cli/drawnExplanation.ts'
import { dollars, duration, table } from '../../src/cli/terminal.ts'
import { drawTrace } from '../../src/cli/traceTree.ts'
import type { Trace, TraceNode } from '../../src/control/traces.ts'

test('durations and money keep the digits that say something', () => {
  expect([0.42, 38.4, 1250, 200_000].map(duration)).toEqual(['0.4 ms', '38 ms', '1.25 s', '3 min 20 s'])
  expect([0, 0.00000021, 0.0125].map(dollars)).toEqual(['$0', '$2.1e-7', '$0.0125'])
})

test('a table sets numbers to the right and words to the left', () => {
  const drawn = table(
    ['store', 'sales'],
    [
      ['123', 'x'],
      ['4', 'yy'],
    ],
  )

  expect(drawn.split('\n')).toEqual(['store  sales', '  123  x', '    4  yy'])
})

test('a trace is drawn as a tree with times, rows and costs', () => {
  const job = hop({
    id: 'c',
    service: 'glue',
    action: 'JobRun',
    resource: 'transform',
    startedAt: 40,
    endedAt: 1540,
    rows: 12,
    costUsd: 0.02,
  })
  const rule = hop({
    id: 'b',
    service: 'eventbridge',
    action: 'matched',
    resource: 'arrived',
    startedAt: 2,
    endedAt: 2,
  })
  const put = hop({
    id: 'a',
    service: 's3',
    action: 'PutObject',
    resource: 'raw/a.csv',
    startedAt: 0,
    endedAt: 2,
    bytes: 1500,
    children: [rule, job],
  })

  const lines = drawTrace(traceOf([put])).split('\n')

  expect(lines[1]).toMatch(/^✔ s3 PutObject raw\/a\.csv .* 1\.5 kB/)
  expect(lines[2]).toMatch(/^├─ ✔ eventbridge matched arrived/)
  expect(lines[3]).toMatch(/^└─ ✔ glue JobRun transform .*1\.50 s .*12 rows .*\$0\.0200/)
  expect(lines[4]).toContain('3 hops in 1.54 s, on AWS about $0.0200')
})

test('a failed hop says why, on its own line', () => {
  const failed = hop({
    service: 'lambda',
    action: 'Invoke',
    resource: 'check',
    status: 'failed',
    error: 'Task timed out\n  at …',
  })

  expect(drawTrace(traceOf([failed])).split('\n')[1]).toMatch(/✘ lambda Invoke check .*Task timed out$/)
})

test('an explanation shows each leaf with what was wanted and found', () => {
  const drawn = drawExplanation('arrived', {
    event: { source: 'aws.s3', 'detail-type': 'Object Created' },
    matched: false,
    branches: [
      {
        matched: false,
        leaves: [
          { path: 'source', wanted: '["aws.s3"]', found: ['"aws.s3"'], outcome: 'matched' },
          {
            path: 'detail.object.key',
            wanted: '[{"prefix":"App"}]',
            found: ['"app.log"'],
            outcome: 'different',
            hint: 'It differs only in case.',
          },
        ],
      },
    ],
  })

  expect(drawn.split('\n')).toEqual([
    'arrived does not match aws.s3, Object Created',
    '  ✔ source: wanted ["aws.s3"], found "aws.s3"',
    '  ✘ detail.object.key: wanted [{"prefix":"App"}], found "app.log"',
    '    It differs only in case.',
  ])
})

function hop(given: Partial<TraceNode>): TraceNode {
  return {
    traceId: '1-0-0',
    id: 'a',
    service: '',
    action: '',
    resource: '',
    startedAt: 0,
    endedAt: 0,
    status: 'ok',
    children: [],
    ...given,
  }
}

function traceOf(roots: TraceNode[]): Trace {
  return { traceId: '1-0-0', startedAt: 0, endedAt: 1540, costUsd: 0.02, roots }
}
