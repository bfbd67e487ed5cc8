/** `getResolvedOptions`: Glue's rules for the arguments of a script. */
import { expect } from 'vitest'
import { test } from './engine.ts'

test('arguments are resolved by the forms and the reserved names of Glue', async ({ jobs }) => {
  const { output } = await jobs.run(`from awsglue.utils import GlueArgumentError, getResolvedOptions
def resolved(words, names):
    try:
        found = getResolvedOptions(['script.py', *words.split()], names)
        return {name: value for name, value in found.items() if value is not None}
    except (GlueArgumentError, RuntimeError) as error:
        return f'{type(error).__name__}: {error}'
print(resolved('--JOB_NAME vendas --dia=2025-10-20', ['JOB_NAME', 'dia']))
print(resolved('--dia -1 --outra x', ['dia']))
print(resolved('--JOB_ID j --JOB_RUN_ID jr --TempDir s3://t', []))
print(resolved('--TempDir s3://t', ['TempDir']))
print(resolved('--JOB_RUN_ID jr', ['JOB_RUN_ID']))
print(resolved('--di 1', ['dia']))
print(resolved('--job-bookmark-option job-bookmark-pause --job-bookmark-from a --job-bookmark-to b', []))
print(resolved('--job-bookmark-option sim', []))
`)

  const disabled = "'job_bookmark_option': 'job-bookmark-disable'"
  expect(output.split('\n')).toEqual([
    `{${disabled}, 'JOB_NAME': 'vendas', 'dia': '2025-10-20'}`,
    `{${disabled}, 'dia': '-1'}`,
    `{${disabled}, 'JOB_ID': 'j', 'JOB_RUN_ID': 'jr', 'TempDir': 's3://t'}`,
    `{${disabled}, 'TempDir': 's3://t'}`,
    "RuntimeError: Using reserved arguments ['JOB_RUN_ID']",
    'GlueArgumentError: the following arguments are required: --dia',
    "{'job_bookmark_option': 'job-bookmark-pause', 'job_bookmark_from': 'a', 'job_bookmark_to': 'b'}",
    "GlueArgumentError: argument --job-bookmark-option: invalid choice: 'sim' (choose from 'job-bookmark-enable', 'job-bookmark-disable', 'job-bookmark-pause')",
    '',
  ])
})
