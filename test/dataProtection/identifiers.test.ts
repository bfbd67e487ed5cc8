import { expect, test } from 'vitest'
import { finderOf, replaced } from '../../src/engines/dataProtection/identifiers.ts'

const arn = (name: string) => `arn:aws:dataprotection::aws:data-identifier/${name}`

test.each([
  ['EmailAddress', 'mail ana.lu@loja.com.br now', ['ana.lu@loja.com.br']],
  ['IpAddress', '10.0.0.17 and 1.2.3.4.5 and 256.1.1.1', ['10.0.0.17']],
  [
    'CreditCardNumber',
    '17 4111-1111-1111-1111 4111111111111112 3782 822463 10005',
    ['4111-1111-1111-1111', '3782 822463 10005'],
  ],
  ['CreditCardNumber', 'cards 4111 1111 1111 1111 4539894458086459', ['4111 1111 1111 1111', '4539894458086459']],
  ['AwsSecretKey', 'key wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY.', ['wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY']],
  [
    'PkcsPrivateKey',
    '{"key":"-----BEGIN RSA PRIVATE KEY-----\\nMIIE\\n-----END RSA PRIVATE KEY-----\\n"}',
    ['-----BEGIN RSA PRIVATE KEY-----\\nMIIE\\n-----END RSA PRIVATE KEY-----'],
  ],
  [
    'PkcsPrivateKey',
    '-----BEGIN PRIVATE KEY----- -----BEGIN RSA PRIVATE KEY-----\nDEK-Info: AES-128-CBC,1\n\nMI==\n-----END RSA PRIVATE KEY-----.',
    ['-----BEGIN RSA PRIVATE KEY-----\nDEK-Info: AES-128-CBC,1\n\nMI==\n-----END RSA PRIVATE KEY-----'],
  ],
  [
    'PuttyPrivateKey',
    'PuTTY-User-Key-File-2: x PuTTY-User-Key-File-2: ssh-rsa\nComment: c\nPrivate-Lines: 2\nAAAA\nBB==\n.',
    ['PuTTY-User-Key-File-2: ssh-rsa\nComment: c\nPrivate-Lines: 2\nAAAA\nBB=='],
  ],
  ['OpenSshPrivateKey', '-----BEGIN RSA PRIVATE KEY-----', []],
])('%s is found in %s', (name, text, wanted) => {
  const findings = finderOf([arn(name)], new Map())(text)

  expect(findings.map(({ start, end }) => text.slice(start, end))).toEqual(wanted)
  expect(findings.every((finding) => finding.name === name)).toBe(true)
})

test('what two identifiers find is replaced once, and what is behind it stays', () => {
  const find = finderOf([arn('EmailAddress'), 'Domain'], new Map([['Domain', 'loja.com.br']]))
  const text = 'ana@loja.com e ana@loja.com.br!'

  expect(find(text).map(({ name }) => name)).toEqual(['EmailAddress', 'EmailAddress', 'Domain'])
  expect(replaced(text, find(text), (length) => '#'.repeat(length))).toBe(`${'#'.repeat(12)} e ${'#'.repeat(15)}!`)
})
