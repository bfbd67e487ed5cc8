/** The CDK app: one stack. `cdk deploy -c email=you@example.com` chooses who hears of critical errors. */
import { App } from 'aws-cdk-lib'
import { LogsStack } from '../lib/logs-stack.ts'

const app = new App()

new LogsStack(app, 'Logs', {
  description: 'Application logs: counters within two seconds, and the whole day in the lake.',
  email: app.node.tryGetContext('email') ?? 'analista@example.com',
})
