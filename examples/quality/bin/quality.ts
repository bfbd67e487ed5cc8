/** The CDK app: one stack. `cdk deploy -c email=you@example.com` chooses who hears of files that fail. */
import { App } from 'aws-cdk-lib'
import { QualityStack } from '../lib/quality-stack.ts'

const app = new App()

new QualityStack(app, 'Quality', {
  description: 'Data quality gate: a Parquet file is checked before, and within, the job that loads it.',
  email: app.node.tryGetContext('email') ?? 'analista@example.com',
})
