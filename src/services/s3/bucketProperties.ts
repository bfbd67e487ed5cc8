/** CloudFormation's properties of a bucket, each as the operations that make and unmake it. */
import type { Context } from '../../delivery/context.ts'
import type { Properties } from '../resource.ts'
import { lifecycleRuleFrom, numberFrom, truth } from './lifecycleProperties.ts'

type S3 = ReturnType<typeof callsOf>
const callsOf = (ctx: Context) => ctx.call('s3')

interface BucketProperty {
  put(s3: S3, Bucket: string, value: Properties): Promise<unknown>
  /** Absent: it cannot be taken back, or means nothing when it is. */
  remove?(s3: S3, Bucket: string): Promise<unknown>
}

/** In the order in which they are made: ownership before lists, versions before locks. */
export const bucketProperties: Record<string, BucketProperty> = {
  OwnershipControls: {
    put: (s3, Bucket, { Rules }) => s3.PutBucketOwnershipControls({ Bucket, OwnershipControls: { Rules } }),
    remove: (s3, Bucket) => s3.DeleteBucketOwnershipControls({ Bucket }),
  },
  PublicAccessBlockConfiguration: {
    put: (s3, Bucket, value) =>
      s3.PutPublicAccessBlock({
        Bucket,
        PublicAccessBlockConfiguration: Object.fromEntries(
          Object.entries(value).map(([name, on]) => [name, truth(on)]),
        ),
      }),
    remove: (s3, Bucket) => s3.DeletePublicAccessBlock({ Bucket }),
  },
  AccessControl: {
    put: (s3, Bucket, acl) => s3.PutBucketAcl({ Bucket, ACL: kebab(String(acl)) as 'private' }),
  },
  VersioningConfiguration: {
    put: (s3, Bucket, { Status }) => s3.PutBucketVersioning({ Bucket, VersioningConfiguration: { Status } }),
    remove: (s3, Bucket) => s3.PutBucketVersioning({ Bucket, VersioningConfiguration: { Status: 'Suspended' } }),
  },
  ObjectLockConfiguration: {
    put: (s3, Bucket, { ObjectLockEnabled, Rule }) => {
      const { Mode, Days, Years } = Rule?.DefaultRetention ?? {}
      const DefaultRetention = { Mode, Days: numberFrom(Days), Years: numberFrom(Years) }
      const ObjectLockConfiguration = { ObjectLockEnabled, Rule: Rule && { DefaultRetention } }
      return s3.PutObjectLockConfiguration({ Bucket, ObjectLockConfiguration })
    },
  },
  BucketEncryption: {
    put: (s3, Bucket, { ServerSideEncryptionConfiguration: rules }) =>
      s3.PutBucketEncryption({
        Bucket,
        ServerSideEncryptionConfiguration: {
          Rules: (rules as Properties[]).map(({ ServerSideEncryptionByDefault, BucketKeyEnabled }) => ({
            ApplyServerSideEncryptionByDefault: ServerSideEncryptionByDefault,
            BucketKeyEnabled: truth(BucketKeyEnabled),
          })),
        },
      }),
    remove: (s3, Bucket) => s3.DeleteBucketEncryption({ Bucket }),
  },
  LifecycleConfiguration: {
    put: (s3, Bucket, { Rules, TransitionDefaultMinimumObjectSize }) =>
      s3.PutBucketLifecycleConfiguration({
        Bucket,
        TransitionDefaultMinimumObjectSize,
        LifecycleConfiguration: { Rules: (Rules as Properties[]).map(lifecycleRuleFrom) },
      }),
    remove: (s3, Bucket) => s3.DeleteBucketLifecycle({ Bucket }),
  },
  CorsConfiguration: {
    put: (s3, Bucket, { CorsRules }) =>
      s3.PutBucketCors({
        Bucket,
        CORSConfiguration: {
          CORSRules: (CorsRules as Properties[]).map(({ Id, ExposedHeaders, MaxAge, ...rule }) => ({
            ...(rule as { AllowedMethods: string[]; AllowedOrigins: string[] }),
            ID: Id,
            ExposeHeaders: ExposedHeaders,
            MaxAgeSeconds: numberFrom(MaxAge),
          })),
        },
      }),
    remove: (s3, Bucket) => s3.DeleteBucketCors({ Bucket }),
  },
  WebsiteConfiguration: {
    put: (s3, Bucket, value) => s3.PutBucketWebsite({ Bucket, WebsiteConfiguration: websiteFrom(value) }),
    remove: (s3, Bucket) => s3.DeleteBucketWebsite({ Bucket }),
  },
  LoggingConfiguration: {
    put: (s3, Bucket, { DestinationBucketName = Bucket, LogFilePrefix = '', TargetObjectKeyFormat }) =>
      s3.PutBucketLogging({
        Bucket,
        BucketLoggingStatus: {
          LoggingEnabled: { TargetBucket: DestinationBucketName, TargetPrefix: LogFilePrefix, TargetObjectKeyFormat },
        },
      }),
    remove: (s3, Bucket) => s3.PutBucketLogging({ Bucket, BucketLoggingStatus: {} }),
  },
  AccelerateConfiguration: {
    put: (s3, Bucket, { AccelerationStatus: Status }) =>
      s3.PutBucketAccelerateConfiguration({ Bucket, AccelerateConfiguration: { Status } }),
  },
  ReplicationConfiguration: {
    put: (s3, Bucket, { Role, Rules }) => {
      const rules = (Rules as Properties[]).map(({ Id, ...rule }) => ({ ...rule, ID: Id }))
      return s3.PutBucketReplication({ Bucket, ReplicationConfiguration: { Role, Rules: rules as never } })
    },
    remove: (s3, Bucket) => s3.DeleteBucketReplication({ Bucket }),
  },
  NotificationConfiguration: {
    put: (s3, Bucket, value) =>
      s3.PutBucketNotificationConfiguration({ Bucket, NotificationConfiguration: notificationsFrom(value) }),
    remove: (s3, Bucket) => s3.PutBucketNotificationConfiguration({ Bucket, NotificationConfiguration: {} }),
  },
}

/** `LogDeliveryWrite` is `log-delivery-write` on the wire. */
function kebab(name: string): string {
  return name.replace(/(?<=.)[A-Z]/g, (letter) => `-${letter}`).toLowerCase()
}

function notificationsFrom(value: Properties) {
  const listed = (rules: Properties[] | undefined, member: string, arn: string) =>
    rules?.map(({ Event, Filter, [member]: destination }) => ({
      [arn]: destination,
      Events: [Event],
      Filter: Filter && { Key: { FilterRules: Filter.S3Key?.Rules } },
    })) as never
  const bridge = value.EventBridgeConfiguration
  return {
    LambdaFunctionConfigurations: listed(value.LambdaConfigurations, 'Function', 'LambdaFunctionArn'),
    QueueConfigurations: listed(value.QueueConfigurations, 'Queue', 'QueueArn'),
    TopicConfigurations: listed(value.TopicConfigurations, 'Topic', 'TopicArn'),
    EventBridgeConfiguration: bridge && truth(bridge.EventBridgeEnabled ?? true) ? {} : undefined,
  }
}

function websiteFrom({ IndexDocument, ErrorDocument, RedirectAllRequestsTo, RoutingRules }: Properties) {
  return {
    IndexDocument: IndexDocument && { Suffix: IndexDocument },
    ErrorDocument: ErrorDocument && { Key: ErrorDocument },
    RedirectAllRequestsTo,
    RoutingRules: (RoutingRules as Properties[] | undefined)?.map(({ RedirectRule, RoutingRuleCondition }) => ({
      Redirect: RedirectRule,
      Condition: RoutingRuleCondition,
    })),
  }
}
