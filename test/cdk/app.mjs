/**
 * A CDK app with everything that CDK does by custom resources. Its variant is said by the environment: PARAMETER_VALUE,
 * and BROKEN, which adds a resource that cannot be made.
 */
import { App, CfnOutput, CfnResource, CustomResource, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda'
import { RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Bucket, EventType } from 'aws-cdk-lib/aws-s3'
import { BucketDeployment, Source } from 'aws-cdk-lib/aws-s3-deployment'
import { LambdaDestination, SnsDestination, SqsDestination } from 'aws-cdk-lib/aws-s3-notifications'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { LambdaSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import { Queue } from 'aws-cdk-lib/aws-sqs'
import { StringParameter } from 'aws-cdk-lib/aws-ssm'
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId, Provider } from 'aws-cdk-lib/custom-resources'

const { PARAMETER_VALUE = 'um', BROKEN } = process.env
const env = { account: '000000000000', region: 'us-east-1' }
const removalPolicy = RemovalPolicy.DESTROY

const app = new App()

const base = new Stack(app, 'Base', { env })
const bucket = new Bucket(base, 'Vendas', { bucketName: 'vendas-cdk', removalPolicy, autoDeleteObjects: true })
new BucketDeployment(base, 'Site', {
  destinationBucket: bucket,
  destinationKeyPrefix: 'site',
  sources: [Source.asset('site'), Source.jsonData('ajustes.json', { bucket: bucket.bucketArn })],
  retainOnDelete: false,
})
const validation = new LambdaFunction(base, 'Validacao', {
  functionName: 'validacao',
  runtime: Runtime.NODEJS_22_X,
  handler: 'index.handler',
  code: Code.fromAsset('function'),
  logRetention: RetentionDays.ONE_WEEK,
  logRetentionRetryOptions: { maxRetries: 2 },
})
const arrivals = new Queue(base, 'Chegadas', { queueName: 'chegadas', removalPolicy })
const removals = new Topic(base, 'Remocoes', { topicName: 'remocoes' })
bucket.addEventNotification(EventType.OBJECT_CREATED, new LambdaDestination(validation), { prefix: 'lambda/' })
bucket.addEventNotification(EventType.OBJECT_CREATED, new SqsDestination(arrivals), { prefix: 'fila/' })
bucket.addEventNotification(EventType.OBJECT_REMOVED, new SnsDestination(removals))
const imported = Bucket.fromBucketName(base, 'Antigo', 'antigo-cdk')
imported.addEventNotification(EventType.OBJECT_CREATED, new SqsDestination(arrivals))
new StringParameter(base, 'Ajuste', { parameterName: '/vendas/ajuste', stringValue: PARAMETER_VALUE })
new CfnOutput(base, 'Bucket', { value: bucket.bucketName })
if (BROKEN === 'resource') {
  new CfnResource(base, 'Quebrada', { type: 'AWS::SQS::Queue', properties: { DelaySeconds: 100_000 } })
}
if (BROKEN === 'type') new CfnResource(base, 'Desconhecida', { type: 'AWS::Nowhere::Thing' })

const reader = new Stack(app, 'Reader', { env })
new StringParameter(reader, 'Arn', { parameterName: '/vendas/arn', stringValue: bucket.bucketArn })

const custom = new Stack(app, 'Custom', { env })
const call = new AwsCustomResource(custom, 'Chamada', {
  onCreate: {
    service: '@aws-sdk/client-ssm',
    action: 'PutParameterCommand',
    parameters: { Name: '/vendas/chamada', Value: 'feita', Type: 'String' },
    physicalResourceId: PhysicalResourceId.of('chamada'),
  },
  onDelete: { service: 'SSM', action: 'deleteParameter', parameters: { Name: '/vendas/chamada' } },
  policy: AwsCustomResourcePolicy.fromSdkCalls({ resources: AwsCustomResourcePolicy.ANY_RESOURCE }),
})
new CfnOutput(custom, 'Version', { value: call.getResponseField('Version') })
const onEvent = new LambdaFunction(custom, 'AoEvento', {
  runtime: Runtime.PYTHON_3_12,
  handler: 'index.handler',
  code: Code.fromInline(
    'def handler(event, context):\n' +
      "    return {'PhysicalResourceId': 'loja', 'Data': {'Loja': event['ResourceProperties']['Nome'].upper()}}\n",
  ),
})
const isComplete = new LambdaFunction(custom, 'Completo', {
  runtime: Runtime.PYTHON_3_12,
  handler: 'index.handler',
  code: Code.fromInline("def handler(event, context):\n    return {'IsComplete': True, 'Data': {'Pronta': 'sim'}}\n"),
})
const provider = new Provider(custom, 'Provedor', { onEventHandler: onEvent })
const store = new CustomResource(custom, 'Loja', {
  serviceToken: provider.serviceToken,
  resourceType: 'Custom::Loja',
  properties: { Nome: 'centro' },
})
new CfnOutput(custom, 'Store', { value: store.getAttString('Loja') })
if (process.env.WAITING) {
  const waiting = new Provider(custom, 'ProvedorLento', { onEventHandler: onEvent, isCompleteHandler: isComplete })
  new CustomResource(custom, 'Lenta', { serviceToken: waiting.serviceToken, properties: { Nome: 'norte' } })
}
const requests = new Topic(custom, 'Pedidos')
const answering = new LambdaFunction(custom, 'Responde', {
  runtime: Runtime.NODEJS_22_X,
  handler: 'index.handler',
  code: Code.fromInline(`exports.handler = async ({ Records }) => {
    for (const { Sns } of Records) {
      const { ResponseURL, StackId, RequestId, LogicalResourceId } = JSON.parse(Sns.Message)
      const body = JSON.stringify({ Status: 'SUCCESS', PhysicalResourceId: 'por-sns', StackId, RequestId, LogicalResourceId, Data: { Via: 'SNS' } })
      await fetch(ResponseURL, { method: 'PUT', body })
    }
  }`),
})
requests.addSubscription(new LambdaSubscription(answering))
const bySns = new CustomResource(custom, 'PorSns', { serviceToken: requests.topicArn })
bySns.node.addDependency(answering, requests)
for (const child of requests.node.children) bySns.node.addDependency(child)
new CfnOutput(custom, 'Via', { value: bySns.getAttString('Via') })
