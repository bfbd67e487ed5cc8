/** Interactive sessions through the SDK: kept interpreters, and the statements that run in them. */
import {
  CancelStatementCommand,
  CreateSessionCommand,
  type CreateSessionCommandInput,
  DeleteSessionCommand,
  GetSessionCommand,
  GetStatementCommand,
  GlueClient,
  ListSessionsCommand,
  ListStatementsCommand,
  RunStatementCommand,
  type Statement,
  StopSessionCommand,
} from '@aws-sdk/client-glue'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

const SessionId = 'caderno'

async function opened(igarape: Igarape, settings: Partial<CreateSessionCommandInput> = {}) {
  const glue = igarape.client(GlueClient)
  const Command = { Name: 'glueetl', PythonVersion: '3' }
  const made = await glue.send(
    new CreateSessionCommand({ Id: SessionId, Role: 'arn:aws:iam::000000000000:role/glue', Command, ...settings }),
  )
  await igarape.settled()
  const begin = async (Code: string) => (await glue.send(new RunStatementCommand({ SessionId, Code }))).Id ?? 0
  const statement = async (Id: number): Promise<Statement> =>
    (await glue.send(new GetStatementCommand({ SessionId, Id }))).Statement ?? {}
  const status = async () => (await glue.send(new GetSessionCommand({ Id: SessionId }))).Session
  const run = async (code: string) => {
    const id = await begin(code)
    await igarape.settled()
    return statement(id)
  }
  return { glue, made, status, begin, statement, run }
}

async function hasBegun(statement: () => Promise<Statement>): Promise<void> {
  await expect.poll(async () => (await statement()).State).toBe('RUNNING')
}

test('statements share what they define, and answer with what they print and with the value of their last expression', async ({
  igarape,
}) => {
  const { made, status, run } = await opened(igarape)

  expect(made.Session).toMatchObject({ Id: SessionId, Status: 'PROVISIONING', Progress: 0, MaxCapacity: 5 })
  expect(await status()).toMatchObject({ Status: 'READY', Progress: 1, GlueVersion: '5.0', IdleTimeout: 2880 })
  const first = await run("linhas = spark.range(3).count()\nprint('contei', linhas)")
  expect(first).toMatchObject({ Id: 1, State: 'AVAILABLE', Progress: 1 })
  expect(first.Output).toEqual({ Data: { TextPlain: 'contei 3' }, ExecutionCount: 1, Status: 'ok' })
  expect((await run('def dobro(x):\n  return x * 2\ndobro(linhas)')).Output?.Data?.TextPlain).toBe('6')
  expect((await run('glueContext.spark_session is spark')).Output?.Data?.TextPlain).toBe('True')
})

test('a statement that raises tells name, value and traceback of its error, and the session goes on', async ({
  igarape,
}) => {
  const { run, status } = await opened(igarape)

  const failed = await run("print('antes')\nx = 1\ny = x / 0")

  expect(failed.State).toBe('AVAILABLE')
  expect(failed.Output).toEqual({
    Data: { TextPlain: 'antes' },
    ExecutionCount: 1,
    Status: 'error',
    ErrorName: 'ZeroDivisionError',
    ErrorValue: 'division by zero',
    Traceback: [
      'Traceback (most recent call last):\n',
      '  File "<stdin>", line 3, in <module>\n',
      'ZeroDivisionError: division by zero\n',
    ],
  })
  expect((await run('if')).Output).toMatchObject({ Status: 'error', ErrorName: 'SyntaxError' })
  expect((await run("spark.sql('SELECT nada FROM nenhures')")).Output).toMatchObject({
    Status: 'error',
    ErrorName: 'AnalysisException',
  })
  expect((await run('x')).Output?.Data?.TextPlain).toBe('1')
  expect((await status())?.Status).toBe('READY')
})

test('a session reads and writes the lake, with UDFs of its own', async ({ igarape }) => {
  const s3 = igarape.client(S3Client)
  await s3.send(new CreateBucketCommand({ Bucket: 'lago' }))
  await s3.send(new PutObjectCommand({ Bucket: 'lago', Key: 'vendas.csv', Body: 'loja,valor\na,1\nb,2\n' }))
  const { run } = await opened(igarape)

  await run("vendas = spark.read.csv('s3://lago/vendas.csv', header=True, inferSchema=True)")
  await run("from pyspark.sql.functions import udf\n@udf('int')\ndef dobro(x):\n  return x * 2")
  const shown = await run("vendas.select('loja', dobro('valor').alias('v')).orderBy('loja').collect()")
  await run("vendas.write.parquet('s3://lago/out')")

  expect(shown.Output?.Data?.TextPlain).toBe("[Row(loja='a', v=2), Row(loja='b', v=4)]")
  expect((await run("spark.read.parquet('s3://lago/out').count()")).Output?.Data?.TextPlain).toBe('2')
})

test('statements wait for one another in their order, and a cancelled one is interrupted', async ({ igarape }) => {
  const { glue, begin, statement } = await opened(igarape)
  const endless = await begin('import time\nwhile True: time.sleep(0.01)')
  const waits = await begin("print('depois')")
  const neverRuns = await begin("print('nunca')")
  await hasBegun(() => statement(endless))

  expect(await statement(waits)).toMatchObject({ State: 'WAITING', Progress: 0 })
  await glue.send(new CancelStatementCommand({ SessionId, Id: neverRuns }))
  expect((await statement(neverRuns)).State).toBe('CANCELLED')
  await glue.send(new CancelStatementCommand({ SessionId, Id: endless }))
  await igarape.settled()

  expect(await statement(endless)).toMatchObject({ State: 'CANCELLED', Progress: 1 })
  expect((await statement(waits)).Output?.Data?.TextPlain).toBe('depois')
  const { Statements = [] } = await glue.send(new ListStatementsCommand({ SessionId }))
  expect(Statements.map(({ State }) => State)).toEqual(['CANCELLED', 'AVAILABLE', 'CANCELLED'])
  const again = glue.send(new CancelStatementCommand({ SessionId, Id: waits }))
  await expect(again).rejects.toMatchObject({ name: 'IllegalSessionStateException' })
})

test('an idle session times out by the clock, and one that was used a moment ago does not', async ({ igarape }) => {
  const { glue, run, status } = await opened(igarape, { IdleTimeout: 10 })
  await igarape.clock.advance({ minutes: 9 })
  await run('x = 1')
  await igarape.clock.advance({ minutes: 9 })
  expect(await status()).toMatchObject({ Status: 'READY', IdleTimeout: 10 })

  await igarape.clock.advance({ minutes: 2 })

  expect(await status()).toMatchObject({ Status: 'TIMEOUT', ExecutionTime: 1140, DPUSeconds: 1140 * 5 })
  const late = glue.send(new RunStatementCommand({ SessionId, Code: 'x' }))
  await expect(late).rejects.toMatchObject({ name: 'IllegalSessionStateException' })
})

test('a session is stopped, and then deleted with its statements; not the other way round', async ({ igarape }) => {
  const { glue, begin, run, statement, status } = await opened(igarape, { Tags: { dono: 'ana' } })
  await run('x = 1')
  const id = await begin('import time\nwhile True: time.sleep(0.01)')
  await hasBegun(() => statement(id))
  const early = glue.send(new DeleteSessionCommand({ Id: SessionId }))
  await expect(early).rejects.toMatchObject({ name: 'IllegalSessionStateException' })

  await glue.send(new StopSessionCommand({ Id: SessionId }))
  await igarape.settled()

  expect(await status()).toMatchObject({ Status: 'STOPPED' })
  expect((await statement(id)).State).toBe('CANCELLED')
  const tagged = await glue.send(new ListSessionsCommand({ Tags: { dono: 'ana' } }))
  expect(tagged).toMatchObject({ Ids: [SessionId], Sessions: [{ Status: 'STOPPED' }] })
  expect((await glue.send(new ListSessionsCommand({ Tags: { dono: 'rui' } }))).Ids).toEqual([])
  await glue.send(new DeleteSessionCommand({ Id: SessionId }))
  await expect(status()).rejects.toMatchObject({ name: 'EntityNotFoundException' })
})

test('a statement that ends its interpreter ends the session, which says why', async ({ igarape }) => {
  const { run, status } = await opened(igarape)

  const fatal = await run('import os\nos._exit(7)')

  await expect.poll(async () => (await status())?.Status).toBe('FAILED')
  expect(await status()).toMatchObject({ ErrorMessage: 'The interpreter ended with exit code 7.' })
  expect(fatal.State).toBe('ERROR')
})

test('what a session cannot be is refused by name, or with the words of what is wrong', async ({ igarape }) => {
  const { glue } = await opened(igarape, { DefaultArguments: { '--extra-py-files': 's3://lago/nada.py' } })
  const create = (settings: Partial<CreateSessionCommandInput>) =>
    glue.send(
      new CreateSessionCommand({
        Id: 'outra',
        Role: 'arn:aws:iam::000000000000:role/glue',
        Command: { Name: 'glueetl' },
        ...settings,
      }),
    )

  const { Session } = await glue.send(new GetSessionCommand({ Id: SessionId }))
  expect(Session).toMatchObject({ Status: 'FAILED', ErrorMessage: expect.stringContaining('s3://lago/nada.py') })
  await expect(create({ Id: SessionId })).rejects.toMatchObject({ name: 'AlreadyExistsException' })
  await expect(create({ GlueVersion: '2.0' })).rejects.toMatchObject({ name: 'InvalidInputException' })
  await expect(create({ Command: { Name: 'glueray' } })).rejects.toMatchObject({ name: 'NotImplemented' })
  await expect(create({ MaxCapacity: 2, NumberOfWorkers: 2 })).rejects.toMatchObject({ name: 'InvalidInputException' })
})
