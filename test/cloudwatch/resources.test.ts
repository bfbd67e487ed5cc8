/** AWS::CloudWatch::* by CloudFormation, as the CDK writes them: an alarm that tells a topic, one over it, a dashboard, a detector. */
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation'
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  DescribeAnomalyDetectorsCommand,
  GetDashboardCommand,
  ListDashboardsCommand,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-cloudwatch'
import { expect } from 'vitest'
import { test } from '../fixture.ts'

const template = (threshold: number) =>
  JSON.stringify({
    Resources: {
      Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'analysts' } },
      Errors: {
        Type: 'AWS::CloudWatch::Alarm',
        Properties: {
          ComparisonOperator: 'GreaterThanOrEqualToThreshold',
          EvaluationPeriods: 1,
          Threshold: threshold,
          AlarmActions: [{ Ref: 'Topic' }],
          Metrics: [
            { Expression: 'FILL(m1, 0)', Id: 'e1', Label: 'Errors' },
            {
              Id: 'm1',
              MetricStat: { Metric: { MetricName: 'errors', Namespace: 'shop' }, Period: '300', Stat: 'Sum' },
              ReturnData: false,
            },
          ],
          TreatMissingData: 'notBreaching',
        },
      },
      All: {
        Type: 'AWS::CloudWatch::CompositeAlarm',
        Properties: {
          AlarmName: 'all',
          AlarmRule: { 'Fn::Join': ['', ['ALARM("', { 'Fn::GetAtt': ['Errors', 'Arn'] }, '")']] },
        },
      },
      Board: {
        Type: 'AWS::CloudWatch::Dashboard',
        Properties: {
          DashboardName: 'board',
          DashboardBody: {
            'Fn::Join': [
              '',
              [
                '{"widgets":[{"type":"alarm","width":6,"height":6,"x":0,"y":0,"properties":{"title":"Alarms","alarms":["',
                { 'Fn::GetAtt': ['Errors', 'Arn'] },
                '"]}}]}',
              ],
            ],
          },
        },
      },
      Detector: {
        Type: 'AWS::CloudWatch::AnomalyDetector',
        Properties: { Namespace: 'shop', MetricName: 'orders', Stat: 'Sum' },
      },
    },
    Outputs: { Alarm: { Value: { Ref: 'Errors' } }, Arn: { Value: { 'Fn::GetAtt': ['Errors', 'Arn'] } } },
  })

test('a stack makes alarms, a dashboard and a detector, changes them in place, and takes all of them away', async ({
  igarape,
}) => {
  const stacks = igarape.client(CloudFormationClient)
  const cloudwatch = igarape.client(CloudWatchClient)
  await stacks.send(new CreateStackCommand({ StackName: 'watch', TemplateBody: template(5) }))
  await igarape.settled()
  const { Stacks = [] } = await stacks.send(new DescribeStacksCommand({ StackName: 'watch' }))
  expect(Stacks[0]).toMatchObject({ StackStatus: 'CREATE_COMPLETE' })
  const outputs = Object.fromEntries(Stacks[0]?.Outputs?.map((output) => [output.OutputKey, output.OutputValue]) ?? [])
  const alarms = async () =>
    await cloudwatch.send(new DescribeAlarmsCommand({ AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }))

  const { MetricAlarms, CompositeAlarms } = await alarms()
  const topic = 'arn:aws:sns:us-east-1:000000000000:analysts'
  expect(MetricAlarms).toMatchObject([{ AlarmName: outputs.Alarm, Threshold: 5, AlarmActions: [topic] }])
  expect(CompositeAlarms).toMatchObject([{ AlarmRule: `ALARM("${outputs.Arn}")`, StateValue: 'OK' }])
  expect((await cloudwatch.send(new GetDashboardCommand({ DashboardName: 'board' }))).DashboardBody).toContain(
    outputs.Arn,
  )
  expect((await cloudwatch.send(new DescribeAnomalyDetectorsCommand({}))).AnomalyDetectors).toHaveLength(1)
  const { Tags } = await cloudwatch.send(new ListTagsForResourceCommand({ ResourceARN: outputs.Arn }))
  expect(Tags).toContainEqual({ Key: 'aws:cloudformation:logical-id', Value: 'Errors' })

  await stacks.send(new UpdateStackCommand({ StackName: 'watch', TemplateBody: template(7) }))
  await igarape.settled()
  expect((await alarms()).MetricAlarms).toMatchObject([{ AlarmName: outputs.Alarm, Threshold: 7 }])

  await stacks.send(new DeleteStackCommand({ StackName: 'watch' }))
  await igarape.settled()
  expect(await alarms()).toMatchObject({ MetricAlarms: [], CompositeAlarms: [] })
  expect((await cloudwatch.send(new ListDashboardsCommand({}))).DashboardEntries).toEqual([])
  expect((await cloudwatch.send(new DescribeAnomalyDetectorsCommand({}))).AnomalyDetectors).toEqual([])
})
