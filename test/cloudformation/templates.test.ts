/** Templates as text: both notations, short forms, and what CloudFormation says of a malformed one. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Fn::Sub writes its variables so.
import { expect, test } from 'vitest'
import { parseTemplate } from '../../src/services/cloudformation/templates.ts'

const resources = '{"Queue":{"Type":"AWS::SQS::Queue"}}'

test('a YAML template with short forms means what its long form means', () => {
  const short = parseTemplate(`
AWSTemplateFormatVersion: 2010-09-09
Conditions:
  IsProduction: !Not [!Equals [!Ref Stage, dev]]
Parameters:
  Stage: { Type: String, Default: dev }
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Condition: IsProduction
    DependsOn: Topic
    Properties:
      QueueName: !Sub '\${AWS::StackName}-\${Topic.TopicName}'
      Policy: !GetAtt Topic.TopicArn.Part
      Tags: !If
        - IsProduction
        - - { Key: a, Value: !Join ['-', [a, !Ref Stage]] }
        - !Ref AWS::NoValue
      Map: !Sub
        - '\${One}'
        - One: !Select [0, !Split [',', 'a,b']]
      Version: 2012-10-17
      Time: 22:22
  Topic: { Type: AWS::SNS::Topic }
`)

  expect(short.conditions.IsProduction).toEqual({ 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'Stage' }, 'dev'] }] })
  expect(short.resources.Queue).toEqual({
    type: 'AWS::SQS::Queue',
    condition: 'IsProduction',
    dependsOn: ['Topic'],
    properties: {
      QueueName: { 'Fn::Sub': '${AWS::StackName}-${Topic.TopicName}' },
      Policy: { 'Fn::GetAtt': ['Topic', 'TopicArn.Part'] },
      Tags: {
        'Fn::If': [
          'IsProduction',
          [{ Key: 'a', Value: { 'Fn::Join': ['-', ['a', { Ref: 'Stage' }]] } }],
          { Ref: 'AWS::NoValue' },
        ],
      },
      Map: { 'Fn::Sub': ['${One}', { One: { 'Fn::Select': [0, { 'Fn::Split': [',', 'a,b'] }] } }] },
      Version: '2012-10-17',
      Time: '22:22',
    },
  })
})

test.each([
  ['[]', 'Template format error: unsupported structure.'],
  ['', 'Template format error: unsupported structure.'],
  ['{"Resources": ', 'Template format error: JSON not well-formed. (line 1, column 15)'],
  ['Resources:\n  a: [', /^Template format error: YAML not well-formed\. \(line \d+, column \d+\)$/],
  ['a: &x 1\nb: *x', 'Template error: YAML aliases are not allowed in CloudFormation templates'],
  ['Resources: !Foo bar', /YAML not well-formed/],
  ['{"Resources":{}}', 'Template format error: At least one Resources member must be defined.'],
  [`{"Resources":${resources},"Foo":1,"Bar":1}`, 'Invalid template property or properties [Foo, Bar]'],
  ['{"Resources":{"a-b":{"Type":"x"}}}', 'Template format error: Resource name a-b is non alphanumeric.'],
  ['{"Resources":{"Q":{"Type":"x","Propertys":{}}}}', "Invalid template resource property 'Propertys'"],
  [
    '{"Resources":{"Q":{}}}',
    'Template format error: [/Resources/Q] Every Resources object must contain a Type member.',
  ],
  [
    `{"Resources":{${Array.from({ length: 501 }, (_, index) => `"R${index}":{"Type":"x"}`).join(',')}}}`,
    'Template format error: Number of resources, 501, is greater than maximum allowed, 500',
  ],
])('%.40j is refused in CloudFormation’s words', (text, words) => {
  expect(() => parseTemplate(text)).toThrow(words)
})
