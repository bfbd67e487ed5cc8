/** `npm run bench` runs every bench, `npm run bench -- s3 startup` some. It prints; it does not judge by exit code. */
import { type Bench, figureLine } from './report.ts'

const names = [
  'startup',
  's3',
  'dynamodb',
  'sqs',
  'events',
  'rules',
  'patterns',
  'archive',
  'athena',
  'insights',
  'logs',
  'metrics',
  'lambda',
  'liveDashboard',
  'job',
  'largeJobs',
  'bookmarks',
  'glue',
  'schedules',
  'fairness',
  'backlog',
  'peers',
] as const
const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--scale='))
const unknown = wanted.filter((name) => !names.includes(name as never))
if (unknown.length > 0) {
  console.error(`There is no bench called ${unknown.join(', ')}. There are: ${names.join(', ')}.`)
  process.exit(2)
}

for (const name of names) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const module = (await import(`./${name}.ts`)) as Record<string, Bench>
  for (const bench of Object.values(module)) {
    if (typeof bench?.run !== 'function') continue
    console.log(`\n${bench.name}`)
    await bench.run((figure) => console.log(`  ${figureLine(figure)}`))
  }
}
