/** Whether a Python function needs packages that it does not bring: then it runs on the environment that has them. */
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'

/** Modules of the environment that code may import. Everything else is the standard library's or the function's own. */
const environmentModules = [
  'boto3',
  'botocore',
  's3transfer',
  'jmespath',
  'dateutil',
  'urllib3',
  'pandas',
  'numpy',
  'pyarrow',
]
const importForm = new RegExp(`^[ \\t]*(?:from|import)[ \\t]+[^#\\n]*?\\b(${environmentModules.join('|')})\\b`, 'gm')

export async function usesPythonPackages(codeFolder: string): Promise<boolean> {
  for (const entry of await readdir(codeFolder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.py')) continue
    const source = await readFile(path.join(entry.parentPath, entry.name), 'latin1')
    for (const [, name = ''] of source.matchAll(importForm)) if (!brings(codeFolder, name)) return true
  }
  return false
}

function brings(codeFolder: string, name: string): boolean {
  return existsSync(path.join(codeFolder, name)) || existsSync(path.join(codeFolder, `${name}.py`))
}
