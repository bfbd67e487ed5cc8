/** A deployment goes on where a killed server left it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation'
import { DescribeParametersCommand, SSMClient } from '@aws-sdk/client-ssm'
import { expect, test } from 'vitest'
import { startIgarape } from '../../src/testkit/server.ts'

const chainLength = 12
const killsMax = 40

/** Each parameter waits for the one before it. */
function chain(): string {
  const link = (index: number) => ({
    Type: 'AWS::SSM::Parameter',
    Properties: { Type: 'String', Value: index === 0 ? 'x' : { Ref: `P${index - 1}` }, Name: `/elo/${index}` },
  })
  const names = Array.from({ length: chainLength }, (_, index) => [`P${index}`, link(index)])
  return JSON.stringify({ Resources: Object.fromEntries(names) })
}

test('a stack is made whole, each resource once, however often the server is killed', async () => {
  const data = mkdtempSync(join(tmpdir(), 'igarape-kills-'))
  let igarape = await startIgarape({ data })
  await igarape
    .client(CloudFormationClient)
    .send(new CreateStackCommand({ StackName: 'corrente', TemplateBody: chain() }))

  for (let kills = 0; kills < killsMax; kills++) {
    igarape.server.abandon()
    await igarape.stop()
    igarape = await startIgarape({ data })
    const { Stacks } = await igarape
      .client(CloudFormationClient)
      .send(new DescribeStacksCommand({ StackName: 'corrente' }))
    if (Stacks?.[0]?.StackStatus !== 'CREATE_IN_PROGRESS') break
  }
  await igarape.settled()

  const cloudFormation = igarape.client(CloudFormationClient)
  const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: 'corrente' }))
  const { StackEvents } = await cloudFormation.send(new DescribeStackEventsCommand({ StackName: 'corrente' }))
  const { Parameters } = await igarape.client(SSMClient).send(new DescribeParametersCommand({}))
  expect(Stacks?.[0]?.StackStatus).toBe('CREATE_COMPLETE')
  expect(Parameters).toHaveLength(chainLength)
  const completed = (StackEvents ?? []).filter((event) => event.ResourceStatus === 'CREATE_COMPLETE')
  expect(completed).toHaveLength(chainLength + 1)
  await igarape.stop()
  rmSync(data, { recursive: true, force: true })
})
