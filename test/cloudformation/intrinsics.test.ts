/** Intrinsic functions, conditions, parameters and references: pure, by table. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Fn::Sub writes its variables so.
import { describe, expect, test } from 'vitest'
import { resolveReferences } from '../../src/services/cloudformation/dynamicReferences.ts'
import { evaluate, unknownUntilApplied } from '../../src/services/cloudformation/intrinsics.ts'
import { chooseValues, parameterValue } from '../../src/services/cloudformation/parameters.ts'
import { checkReferences, dependenciesOf } from '../../src/services/cloudformation/references.ts'
import { checkRules, liveResources, outputsOf, scopeOf } from '../../src/services/cloudformation/scope.ts'
import { type Json, parseTemplate } from '../../src/services/cloudformation/templates.ts'

const text = JSON.stringify({
  Parameters: { Stage: { Type: 'String' }, Zones: { Type: 'CommaDelimitedList' } },
  Mappings: { Sizes: { 'us-east-1': { small: 1, list: ['a', 'b'] } } },
  Conditions: {
    IsDev: { 'Fn::Equals': [{ Ref: 'Stage' }, 'dev'] },
    IsNotDev: { 'Fn::Not': [{ Condition: 'IsDev' }] },
    Both: { 'Fn::And': [{ Condition: 'IsDev' }, { 'Fn::Or': [{ Condition: 'IsNotDev' }, { Condition: 'IsDev' }] }] },
  },
  Resources: { Queue: { Type: 'Q' }, Other: { Type: 'Q', Condition: 'IsNotDev' } },
  Outputs: {
    Arn: { Value: { 'Fn::GetAtt': 'Queue.Arn' }, Export: { Name: { 'Fn::Sub': '${AWS::StackName}-arn' } } },
    Absent: { Value: 'x', Condition: 'IsNotDev' },
  },
})
const template = parseTemplate(text)
const scope = scopeOf({
  template,
  parameters: { Stage: { value: 'dev' }, Zones: { value: 'x, y' } },
  account: '000000000000',
  region: 'us-east-1',
  stackId: 'arn:stack',
  stackName: 'shop',
  notificationArns: [],
  idOf: (logicalId) => (logicalId === 'Other' ? unknownUntilApplied : `${logicalId}-id`),
  attributeOf: (logicalId, name) => `${logicalId}.${name}`,
  importValue: (name) => `imported ${name}`,
})

describe('an intrinsic function', () => {
  test.each<[Json, Json]>([
    [{ Ref: 'Stage' }, 'dev'],
    [{ Ref: 'Zones' }, ['x', 'y']],
    [{ Ref: 'AWS::Region' }, 'us-east-1'],
    [{ Ref: 'Queue' }, 'Queue-id'],
    [{ a: { Ref: 'AWS::NoValue' }, b: [1, { Ref: 'AWS::NoValue' }] }, { b: [1] }],
    [{ 'Fn::GetAtt': ['Queue', 'Arn'] }, 'Queue.Arn'],
    [{ 'Fn::GetAtt': 'Queue.Outputs.Name' }, 'Queue.Outputs.Name'],
    [{ 'Fn::Sub': '${Stage}/${Queue.Arn}/${!Kept}/${AWS::AccountId}' }, 'dev/Queue.Arn/${Kept}/000000000000'],
    [{ 'Fn::Sub': ['${Own}', { Own: { Ref: 'Stage' } }] }, 'dev'],
    [{ 'Fn::Join': ['-', ['a', 1, { Ref: 'Stage' }]] }, 'a-1-dev'],
    [{ 'Fn::Join': [',', { Ref: 'Zones' }] }, 'x,y'],
    [{ 'Fn::Select': ['1', { 'Fn::Split': ['|', 'a|b|c'] }] }, 'b'],
    [{ 'Fn::FindInMap': ['Sizes', { Ref: 'AWS::Region' }, 'small'] }, 1],
    [{ 'Fn::If': ['IsDev', 'yes', 'no'] }, 'yes'],
    [{ 'Fn::If': ['IsNotDev', 'yes', { Ref: 'Zones' }] }, ['x', 'y']],
    [{ 'Fn::If': ['Both', 'yes', 'no'] }, 'yes'],
    [{ 'Fn::ImportValue': { 'Fn::Sub': 'net-${Stage}' } }, 'imported net-dev'],
    [{ 'Fn::Base64': 'olá' }, 'b2zDoQ=='],
    [{ 'Fn::GetAZs': '' }, ['us-east-1a', 'us-east-1b', 'us-east-1c']],
    [{ 'Fn::Select': [1, { 'Fn::Cidr': ['10.0.0.0/16', 4, 8] }] }, '10.0.1.0/24'],
    [{ 'Fn::Select': [3, { 'Fn::Split': ['/', { Ref: 'Other' }] }] }, unknownUntilApplied],
    [{ 'Fn::Sub': 'x-${Other}' }, `x-${unknownUntilApplied}`],
    [{ Condition: { StringEquals: { a: 'b' } } }, { Condition: { StringEquals: { a: 'b' } } }],
  ])('%j gives %j', (node, expected) => {
    expect(evaluate(node, scope)).toEqual(expected)
  })

  test.each<[Json, string]>([
    [{ 'Fn::Foo': 1 }, 'Encountered unsupported function: Fn::Foo'],
    [{ 'Fn::Length': [] }, 'needs the transform AWS::LanguageExtensions, which is not implemented'],
    [{ 'Fn::FindInMap': ['Sizes', 'x', 'y'] }, 'Template error: Unable to get mapping for Sizes::x::y'],
    [{ 'Fn::FindInMap': ['Nope', 'x', 'y'] }, "Mapping named 'Nope' is not present"],
    [{ 'Fn::Select': [9, ['a']] }, 'cannot select nonexistent value at index 9'],
    [{ 'Fn::Join': ['-', 'text'] }, 'every Fn::Join object requires two parameters'],
    [{ 'Fn::If': ['Nope', 1, 2] }, 'Undefined condition Nope'],
    [{ 'Fn::Cidr': ['10.0.0.0/24', 5, 8] }, 'do not fit'],
  ])('%j is refused', (node, words) => {
    expect(() => evaluate(node, scope)).toThrow(words)
  })
})

test('resources and outputs whose condition is false are not there', () => {
  expect(Object.keys(liveResources(template, scope))).toEqual(['Queue'])
  expect(outputsOf(template, scope)).toEqual([{ key: 'Arn', value: 'Queue.Arn', exportName: 'shop-arn' }])
})

test('a rule that does not hold refuses the template with its description', () => {
  const ruled = parseTemplate(
    JSON.stringify({
      Rules: {
        Version: {
          Assertions: [
            {
              Assert: { 'Fn::Not': [{ 'Fn::Contains': [['dev', 'x'], { Ref: 'Stage' }] }] },
              AssertDescription: 'Not dev.',
            },
          ],
        },
      },
      Resources: { Queue: { Type: 'Q' } },
    }),
  )

  expect(() => checkRules(ruled, scope)).toThrow('Not dev.')
})

describe('a parameter', () => {
  const declared = parseTemplate(
    JSON.stringify({
      Parameters: {
        Name: { Type: 'String', AllowedPattern: '[a-z]+', MinLength: 2, MaxLength: 4, Default: 'abc' },
        Count: { Type: 'Number', MinValue: 1, MaxValue: '3', Default: 2 },
        Size: { Type: 'String', AllowedValues: ['s', 'l'], Default: 's' },
        Asked: { Type: 'String', AllowedPattern: 'x', ConstraintDescription: 'say x', Default: 'x' },
        List: { Type: 'AWS::SSM::Parameter::Value<List<String>>', Default: '/list' },
      },
      Resources: { Queue: { Type: 'Q' } },
    }),
  ).parameters

  test.each([
    ['Name', 'ABC', "Parameter 'Name' must match pattern [a-z]+"],
    ['Name', 'a', "Parameter 'Name' must contain at least 2 characters"],
    ['Name', 'abcde', "Parameter 'Name' must contain at most 4 characters"],
    ['Count', 'x', "Parameter 'Count' must be a number"],
    ['Count', '0', "Parameter 'Count' must be a number not less than 1"],
    ['Count', '4', "Parameter 'Count' must be a number not greater than 3"],
    ['Size', 'm', "Parameter 'Size' must be one of AllowedValues"],
    ['Asked', 'y', 'Parameter Asked failed to satisfy constraint: say x'],
    ['Nope', 'y', 'Parameters: [Nope] do not exist in the template'],
  ])('%s may not be %s', (name, value, words) => {
    expect(() => chooseValues(declared, [{ ParameterKey: name, ParameterValue: value }])).toThrow(words)
  })

  test('is what was given, what it was before, or its default', () => {
    const given = [
      { ParameterKey: 'Name', UsePreviousValue: true },
      { ParameterKey: 'Size', ParameterValue: 'l' },
    ]

    const values = chooseValues(declared, given, { Name: { value: 'old' } })

    expect(values).toMatchObject({ Name: { value: 'old' }, Size: { value: 'l' }, Count: { value: '2' } })
    expect(parameterValue(declared.List!, { value: '/list', resolved: 'a,b' })).toEqual(['a', 'b'])
  })

  test('without a value is asked for by name', () => {
    const bare = parseTemplate('{"Parameters":{"A":{"Type":"String"}},"Resources":{"Q":{"Type":"Q"}}}').parameters

    expect(() => chooseValues(bare, [])).toThrow('Parameters: [A] must have values')
  })
})

describe('references', () => {
  const withResources = (resources: object, rest: object = {}) =>
    parseTemplate(JSON.stringify({ Resources: resources, ...rest }))

  test.each([
    [
      withResources({ A: { Type: 'x', Properties: { p: { Ref: 'Nope' } } } }),
      'Unresolved resource dependencies [Nope] in the Resources block',
    ],
    [
      withResources({ A: { Type: 'x', DependsOn: 'Nope' } }),
      'Unresolved resource dependencies [Nope] in the Resources block',
    ],
    [
      withResources({ A: { Type: 'x', Properties: { p: { 'Fn::Sub': '${Nope.Arn}' } } } }),
      'instance of Fn::GetAtt references undefined resource Nope',
    ],
    [
      withResources({ A: { Type: 'x' } }, { Outputs: { O: { Value: { Ref: 'Nope' } } } }),
      'Unresolved resource dependencies [Nope] in the Outputs block',
    ],
    [withResources({ A: { Type: 'x', Condition: 'Nope' } }), 'Unresolved condition dependency Nope'],
    [
      withResources({
        A: { Type: 'x', Properties: { p: { Ref: 'B' } } },
        B: { Type: 'x', DependsOn: 'A' },
        C: { Type: 'x', DependsOn: 'A' },
      }),
      'Circular dependency between resources: [A, B]',
    ],
  ])('that lead nowhere are reported (%#)', (bad, words) => {
    expect(() => checkReferences(bad)).toThrow(words)
  })

  test('give the order of resources', () => {
    const good = withResources({
      A: { Type: 'x', Properties: { p: { 'Fn::If': ['C', { Ref: 'B' }, { 'Fn::Sub': '${D.Arn}${!E}' }] } } },
      B: { Type: 'x' },
      D: { Type: 'x', DependsOn: ['B'] },
      E: { Type: 'x' },
    })

    expect(dependenciesOf(good.resources).get('A')).toEqual(new Set(['B', 'D']))
    expect(dependenciesOf(good.resources).get('D')).toEqual(new Set(['B']))
  })
})

test('dynamic references are looked up inside longer text, with versions, stages and JSON keys', async () => {
  const sources = {
    parameter: async (name: string, version: string | undefined, isSecure: boolean) => `${name}@${version}:${isSecure}`,
    secret: async (id: string, version: { stage?: string; id?: string }) =>
      JSON.stringify({ password: `${id}@${version.stage ?? 'current'}` }),
  }

  const resolved = await resolveReferences(
    {
      a: ['x{{resolve:ssm:/a/b:3}}y{{resolve:ssm-secure:c}}'],
      b: '{{resolve:secretsmanager:db:SecretString:password:OLD}}',
      c: '{{resolve:secretsmanager:arn:aws:secretsmanager:us-east-1:000000000000:secret:db-AbCdEf:SecretString:password::}}',
    },
    sources,
  )

  expect(resolved).toEqual({
    a: ['x/a/b@3:falseyc@undefined:true'],
    b: 'db@OLD',
    c: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:db-AbCdEf@current',
  })
})
