/** `igarape install`: makes now what is otherwise made when first needed, so that later runs need no network. */
import { nodePackagesOf } from '../engines/functions/nodePackages.ts'
import type { Command } from './command.ts'
import { setUpPython } from './demo/pythonSetup.ts'
import { Story } from './demo/story.ts'
import { readFlags } from './optionFlags.ts'

export const install: Command = {
  usage: `igarape install [--cache FOLDER] [--python PATH]: makes the Python environment of jobs and functions now, and
installs the AWS SDK for functions in Node.js; otherwise the first of them that needs it does`,

  async run(given) {
    const story = new Story()
    try {
      const { options } = readFlags(given)
      const { folder, version } = await setUpPython(options, story)
      story.line(`Python ${version} is ready in ${folder}.`)
      const modules = await nodePackagesOf(options, (message) => story.line(message)).folder()
      story.line(`The AWS SDK for functions in Node.js is ready in ${modules}.`)
      return 0
    } finally {
      story.stop()
    }
  },
}
