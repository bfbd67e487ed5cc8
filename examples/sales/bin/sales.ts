/**
 * The CDK app: one stack. `cdk deploy -c email=you@example.com` chooses who hears of files that do not pass;
 * `-c warehouse=false` leaves Redshift out, for those who ask the lake alone.
 */
import { App } from 'aws-cdk-lib'
import { SalesStack } from '../lib/sales-stack.ts'

const app = new App()

new SalesStack(app, 'Sales', {
  description: 'Sales ingestion: CSV files in S3 become rows in the lake and in Redshift.',
  email: app.node.tryGetContext('email') ?? 'analista@example.com',
  hasWarehouse: app.node.tryGetContext('warehouse') !== 'false',
})
