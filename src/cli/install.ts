/** `igarape install`: makes now what is otherwise made when first needed, so that later runs need no network. */
import type { Command } from './command.ts'
import { setUpPython } from './demo/pythonSetup.ts'
import { Story } from './demo/story.ts'
import { readFlags } from './optionFlags.ts'

export const install: Command = {
  usage: `igarape install [--cache FOLDER] [--python PATH]: makes the Python environment of jobs and functions now,
which is otherwise made when the first of them runs`,

  async run(given) {
    const story = new Story()
    try {
      const { folder, version } = await setUpPython(readFlags(given).options, story)
      story.line(`Python ${version} is ready in ${folder}.`)
      return 0
    } finally {
      story.stop()
    }
  },
}
