/** Rulesets of DQDL under a name: kept, checked when they are made, found again. */
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation'
import {
  CreateDataQualityRulesetCommand,
  type CreateDataQualityRulesetCommandInput,
  DeleteDataQualityRulesetCommand,
  GetDataQualityRulesetCommand,
  GetTagsCommand,
  GlueClient,
  ListDataQualityRulesetsCommand,
  type ListDataQualityRulesetsCommandInput,
  UpdateDataQualityRulesetCommand,
} from '@aws-sdk/client-glue'
import { expect } from 'vitest'
import { test } from '../fixture.ts'

const rules = 'Rules = [ RowCount > 0, IsComplete "produto_id" ]'

function create(glue: GlueClient, Name: string, more: Partial<CreateDataQualityRulesetCommandInput> = {}) {
  return glue.send(new CreateDataQualityRulesetCommand({ Name, Ruleset: rules, ...more }))
}

test('a ruleset is made, read, changed and deleted', async ({ igarape }) => {
  const glue = igarape.client(GlueClient)
  const TargetTable = { DatabaseName: 'vendas', TableName: 'pedidos' }
  await create(glue, 'pedidos', { Description: 'as regras', TargetTable, Tags: { time: 'dados' } })

  const made = await glue.send(new GetDataQualityRulesetCommand({ Name: 'pedidos' }))
  const changed = await glue.send(
    new UpdateDataQualityRulesetCommand({ Name: 'pedidos', Ruleset: 'Rules = [ RowCount > 1 ]' }),
  )
  const { Rulesets } = await glue.send(new ListDataQualityRulesetsCommand({}))
  await glue.send(new DeleteDataQualityRulesetCommand({ Name: 'pedidos' }))

  expect(made).toMatchObject({ Name: 'pedidos', Description: 'as regras', Ruleset: rules, TargetTable })
  expect(changed).toMatchObject({ Name: 'pedidos', Description: 'as regras', Ruleset: 'Rules = [ RowCount > 1 ]' })
  expect(Rulesets).toMatchObject([{ Name: 'pedidos', RuleCount: 1, TargetTable }])
  await expect(glue.send(new GetDataQualityRulesetCommand({ Name: 'pedidos' }))).rejects.toMatchObject({
    name: 'EntityNotFoundException',
    message: 'Cannot find Data Quality Ruleset in account 000000000000 with name pedidos',
  })
})

test('rulesets are listed by what the filter and the tags say, page by page', async ({ igarape }) => {
  const glue = igarape.client(GlueClient)
  const target = (TableName: string) => ({ TargetTable: { DatabaseName: 'vendas', TableName } })
  await create(glue, 'a', { ...target('pedidos'), Tags: { time: 'dados' } })
  await create(glue, 'b', target('pedidos'))
  await create(glue, 'c', target('lojas'))

  const names = async (input: ListDataQualityRulesetsCommandInput) =>
    (await glue.send(new ListDataQualityRulesetsCommand(input))).Rulesets?.map(({ Name }) => Name)
  const first = await glue.send(new ListDataQualityRulesetsCommand({ MaxResults: 2 }))

  expect(await names({ Filter: target('pedidos') })).toEqual(['a', 'b'])
  expect(await names({ Tags: { time: 'dados' } })).toEqual(['a'])
  expect(first.Rulesets?.map(({ Name }) => Name)).toEqual(['a', 'b'])
  expect(await names({ MaxResults: 2, NextToken: first.NextToken })).toEqual(['c'])
})

test('a name is taken once; the same request with the same token is one request', async ({ igarape }) => {
  const glue = igarape.client(GlueClient)
  await create(glue, 'pedidos', { ClientToken: 'um' })

  await create(glue, 'pedidos', { ClientToken: 'um' })
  await expect(create(glue, 'pedidos', { ClientToken: 'dois' })).rejects.toMatchObject({
    name: 'AlreadyExistsException',
  })
})

test('what is no DQDL is refused with its place, what is not supported by its name', async ({ igarape }) => {
  const glue = igarape.client(GlueClient)
  const refusal = (Ruleset: string) =>
    create(glue, 'x', { Ruleset }).catch((error: Error) => `${error.name} ${error.message}`)

  expect(await refusal('Rules = [ RowCount > ]')).toBe(
    "InvalidInputException Ruleset is not valid DQDL: line 1:22: ']' is no value",
  )
  expect(await refusal('Rules = [ IsComplet "id" ]')).toBe(
    'InvalidInputException Ruleset is not valid DQDL: IsComplet "id": there is no rule type IsComplet',
  )
  expect(await refusal('Rules = [ DetectAnomalies "RowCount" ]')).toBe(
    'NotImplemented glue: the DQDL rule type DetectAnomalies is not implemented by Igarapé.',
  )
  expect(await refusal('Regras = []')).toMatch(/a ruleset has Rules and Analyzers, not Regras/)
})

test('a stack makes a ruleset, changes it in place and takes it away', async ({ igarape }) => {
  const glue = igarape.client(GlueClient)
  const cloudFormation = igarape.client(CloudFormationClient)
  const template = (Ruleset: string) => {
    const Properties = {
      Name: 'pedidos',
      Ruleset,
      TargetTable: { DatabaseName: 'vendas', TableName: 'pedidos' },
      Tags: { time: 'dados' },
    }
    return JSON.stringify({ Resources: { Regras: { Type: 'AWS::Glue::DataQualityRuleset', Properties } } })
  }
  await cloudFormation.send(new CreateStackCommand({ StackName: 's', TemplateBody: template(rules) }))
  await igarape.settled()
  const ResourceArn = 'arn:aws:glue:us-east-1:000000000000:dataQualityRuleset/pedidos'
  const { Tags } = await glue.send(new GetTagsCommand({ ResourceArn }))
  await cloudFormation.send(
    new UpdateStackCommand({ StackName: 's', TemplateBody: template('Rules = [ RowCount > 5 ]') }),
  )
  await igarape.settled()
  const { Ruleset } = await glue.send(new GetDataQualityRulesetCommand({ Name: 'pedidos' }))
  await cloudFormation.send(new DeleteStackCommand({ StackName: 's' }))
  await igarape.settled()

  expect(Tags).toMatchObject({ time: 'dados' })
  expect(Ruleset).toBe('Rules = [ RowCount > 5 ]')
  expect((await glue.send(new ListDataQualityRulesetsCommand({}))).Rulesets).toEqual([])
})
