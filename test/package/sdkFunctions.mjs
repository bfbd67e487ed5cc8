/** Run beside the installed package: two functions that use the SDKs which functions have, and what they answered. */
import { CreateFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'

const endpoint = process.argv[2]
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
const lambda = new LambdaClient({ endpoint, region: 'us-east-1', credentials })
await fetch(`${endpoint}/vendas-node`, { method: 'PUT' })

const sources = {
  node: `import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3'
const s3 = new S3Client({ forcePathStyle: true })
export const handler = async () => (await s3.send(new ListBucketsCommand({}))).Buckets.map(({ Name }) => Name)`,
  python: `import boto3
s3 = boto3.client('s3')
def handler(event, context):
    s3.create_bucket(Bucket='vendas-python')
    return [bucket['Name'] for bucket in s3.list_buckets()['Buckets']]`,
}
const answers = {}
for (const [language, source] of Object.entries(sources)) {
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: language,
      Runtime: language === 'node' ? 'nodejs22.x' : 'python3.12',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/any',
      Timeout: 60,
      MemorySize: 512,
      Code: { ZipFile: zip(language === 'node' ? 'index.mjs' : 'index.py', source) },
    }),
  )
  const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: language }))
  answers[language] = JSON.parse(Payload.transformToString())
}
console.log(JSON.stringify(answers))

/** One stored file as a zip archive. */
function zip(name, text) {
  const [path, body] = [Buffer.from(name), Buffer.from(text)]
  const local = Buffer.alloc(30)
  local.writeUInt32LE(0x04034b50, 0)
  const central = Buffer.alloc(46)
  central.writeUInt32LE(0x02014b50, 0)
  for (const [header, at] of [
    [local, 14],
    [central, 16],
  ]) {
    header.writeUInt32LE(crc32(body), at)
    header.writeUInt32LE(body.length, at + 4)
    header.writeUInt32LE(body.length, at + 8)
    header.writeUInt16LE(path.length, at + 12)
  }
  central.writeUInt32LE((0o100644 << 16) >>> 0, 38)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(central.length + path.length, 12)
  end.writeUInt32LE(local.length + path.length + body.length, 16)
  return Buffer.concat([local, path, body, central, path, end])
}

function crc32(bytes) {
  let crc = ~0
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
}
