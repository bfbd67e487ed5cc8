/** What a user's test does with testcontainers' LocalStack module, run from the folder where that is installed. */
import { createRequire } from 'node:module'

const [folder, root] = process.argv.slice(2)
const { LocalstackContainer } = createRequire(`${folder}/`)('@testcontainers/localstack')
const { Wait } = createRequire(`${folder}/`)('testcontainers')
const { S3Client, CreateBucketCommand, ListBucketsCommand } = createRequire(`${root}/`)('@aws-sdk/client-s3')

const told = {}
for (const [name, wait] of Object.entries({
  log: undefined,
  health: Wait.forHttp('/_localstack/health', 4566).forStatusCode(200),
})) {
  const asked = new LocalstackContainer('igarape:latest')
  const container = await (wait ? asked.withWaitStrategy(wait) : asked).start()
  const s3 = new S3Client({
    endpoint: container.getConnectionUri(),
    forcePathStyle: true,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  await s3.send(new CreateBucketCommand({ Bucket: name }))
  told[name] = (await s3.send(new ListBucketsCommand({}))).Buckets.map((bucket) => bucket.Name)
  s3.destroy()
  await container.stop()
}
process.stdout.write(JSON.stringify(told))
