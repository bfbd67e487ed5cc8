/** The Python environment, made once a machine and lock file, with its progress shown. */
import { join } from 'node:path'
import { type PythonEnvironment, preparePython } from '../../engines/python/environment.ts'
import type { Options } from '../../options.ts'
import { paint } from '../terminal.ts'
import type { Story } from './story.ts'

export async function setUpPython(options: Options, story: Story): Promise<PythonEnvironment> {
  let isAnnounced = false
  const environment = await preparePython({
    home: join(options.cache, 'python'),
    python: options.python,
    hostEnvironment: options.hostEnvironment,
    onStep({ step, text, done, total }) {
      if (step === 'ready') return
      if (!isAnnounced) {
        isAnnounced = true
        story.line(`${paint.bold('Python')}: making the environment of jobs and functions, once`)
        story.begin(step)
      }
      story.progress(total > 0 ? `${step} ${text} (${done} of ${total})` : text)
    },
  })
  if (isAnnounced) story.done(`Python ${environment.version} in ${environment.folder}`)
  return environment
}
