/** Every service of the server, in alphabetical order: a new service is one import and one name here. */

import { athena } from './athena/service.ts'
import { cloudformation } from './cloudformation/service.ts'
import { cloudwatch } from './cloudwatch/service.ts'
import { cloudwatchLogs } from './cloudwatch-logs/service.ts'
import { dynamodb } from './dynamodb/service.ts'
import { dynamodbStreams } from './dynamodb-streams/service.ts'
import { ecr } from './ecr/service.ts'
import { eventbridge } from './eventbridge/service.ts'
import { glue } from './glue/service.ts'
import { iam } from './iam/service.ts'
import { kms } from './kms/service.ts'
import { lambda } from './lambda/service.ts'
import { redshift } from './redshift/service.ts'
import { redshiftData } from './redshift-data/service.ts'
import { redshiftServerless } from './redshift-serverless/service.ts'
import { s3 } from './s3/service.ts'
import { scheduler } from './scheduler/service.ts'
import { secretsManager } from './secrets-manager/service.ts'
import type { Service } from './service.ts'
import { sns } from './sns/service.ts'
import { sqs } from './sqs/service.ts'
import { ssm } from './ssm/service.ts'
import { sts } from './sts/service.ts'
import { xray } from './xray/service.ts'

export const allServices: readonly Service[] = [
  athena,
  cloudformation,
  cloudwatch,
  cloudwatchLogs,
  dynamodb,
  dynamodbStreams,
  ecr,
  eventbridge,
  glue,
  iam,
  kms,
  lambda,
  redshift,
  redshiftData,
  redshiftServerless,
  s3,
  scheduler,
  secretsManager,
  sns,
  sqs,
  ssm,
  sts,
  xray,
]
