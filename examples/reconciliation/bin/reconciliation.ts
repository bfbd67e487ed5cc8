/**
 * The CDK app: one stack. `cdk deploy -c email=you@example.com -c threshold=3` chooses who hears of it, and how many
 * discrepancies a day may have before anyone does.
 */
import { App } from 'aws-cdk-lib'
import { ReconciliationStack } from '../lib/reconciliation-stack.ts'

const app = new App()

new ReconciliationStack(app, 'Reconciliation', {
  description: 'Bank reconciliation: the debits of one bank against the credits of the other, once a date.',
  email: app.node.tryGetContext('email') ?? 'analista@example.com',
  threshold: Number(app.node.tryGetContext('threshold') ?? 3),
})
