import { GetObjectCommand } from '@aws-sdk/client-s3'
import { createPresignedPost, type PresignedPostOptions } from '@aws-sdk/s3-presigned-post'
import { describe } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { bodyOf, bucketIn } from './samples.ts'

const Bucket = 'formularios'

async function submit(
  igarape: Igarape,
  options: Partial<PresignedPostOptions>,
  { extra = {}, file = 'produto_id;valor\n' }: { extra?: Record<string, string>; file?: string } = {},
): Promise<Response> {
  const { s3 } = await bucketIn(igarape, Bucket)
  const { url, fields } = await createPresignedPost(s3, { Bucket, Key: 'envio/${filename}', ...options })
  const form = new FormData()
  for (const [name, value] of Object.entries({ ...fields, ...extra })) form.append(name, value)
  form.append('file', new Blob([file]), 'loja 1.csv')
  return fetch(url, { method: 'POST', body: form, redirect: 'manual' })
}

describe('an upload by form', () => {
  test('becomes an object under the name of its file', async ({ igarape, expect }) => {
    const file = `linha\r\n--não é o fim\r\n${'x'.repeat(200_000)}`
    const answer = await submit(igarape, { Fields: { 'Content-Type': 'text/csv', 'x-amz-meta-loja': '1' } }, { file })
    const { s3 } = await bucketIn(igarape, Bucket)
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'envio/loja 1.csv' }))

    expect(answer.status).toBe(204)
    expect(await bodyOf(got)).toBe(file)
    expect([got.ContentType, got.Metadata]).toEqual(['text/csv', { loja: '1' }])
  })

  test('answers as its form asks', async ({ igarape, expect }) => {
    const created = await submit(igarape, { Fields: { success_action_status: '201' } })
    const sent = await submit(igarape, { Fields: { success_action_redirect: 'http://exemplo.test/ok?a=1' } })

    expect([created.status, await created.text()]).toEqual([
      201,
      expect.stringContaining('<Key>envio/loja 1.csv</Key>'),
    ])
    expect(sent.status).toBe(303)
    const location = new URL(sent.headers.get('location') ?? '')
    expect(location.searchParams.get('key')).toBe('envio/loja 1.csv')
    expect(location.searchParams.get('a')).toBe('1')
  })

  test.for([
    ['too large', { Conditions: [['content-length-range', 1, 3]] }, {}, 400, 'EntityTooLarge'],
    ['too small', { Conditions: [['content-length-range', 1000, 2000]] }, {}, 400, 'EntityTooSmall'],
    ['against a condition', { Conditions: [['starts-with', '$key', 'other/']] }, {}, 403, 'AccessDenied'],
    ['with a field that its policy does not know', {}, { 'x-amz-meta-mais': '1' }, 403, 'Extra input fields'],
  ] as const)('%s is refused', async ([, options, extra, status, text], { igarape, expect }) => {
    const answer = await submit(igarape, options as never, { extra })
    expect([answer.status, await answer.text()]).toEqual([status, expect.stringContaining(text)])
  })

  test('after its policy ended is refused', async ({ igarape, expect }) => {
    const policy = Buffer.from(JSON.stringify({ expiration: '2020-01-01T00:00:00Z', conditions: [] })).toString(
      'base64',
    )
    const answer = await submit(igarape, {}, { extra: { Policy: policy } })
    expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('Policy expired')])
  })
})
