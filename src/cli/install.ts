/** `igarape install`: makes now what is otherwise made when first needed, so that later runs need no network. */
import { nodePackagesOf } from '../engines/functions/nodePackages.ts'
import { installSpark } from '../engines/jobs/sparkInstallation.ts'
import { UserError } from '../userError.ts'
import type { Command } from './command.ts'
import { setUpPython } from './demo/pythonSetup.ts'
import { Story } from './demo/story.ts'
import { readFlags } from './optionFlags.ts'

export const install: Command = {
  usage: `igarape install [spark] [--cache FOLDER] [--python PATH]: makes the Python environment of jobs and functions now,
and installs the AWS SDK for functions in Node.js; otherwise the first of them that needs it does. With \`spark\`: Apache Spark
for jobs that need it, and the jars by which it reads S3 (it wants a Java runtime)`,

  async run(given) {
    const story = new Story()
    try {
      const { options, positionals } = readFlags(given)
      const unknown = positionals.find((name) => name !== 'spark')
      if (unknown)
        throw new UserError(`There is nothing called ${unknown} to install.`, { fix: 'Name `spark`, or nothing.' })
      const { folder, version } = await setUpPython(options, story)
      story.line(`Python ${version} is ready in ${folder}.`)
      const modules = await nodePackagesOf(options, (message) => story.line(message)).folder()
      story.line(`The AWS SDK for functions in Node.js is ready in ${modules}.`)
      if (positionals.includes('spark')) {
        const { cache, python, hostEnvironment } = options
        story.line('Apache Spark is being fetched; that takes a while the first time …')
        const spark = await installSpark(cache, { python, hostEnvironment })
        story.line(`Apache Spark 3.5.6 is ready: ${spark.python}.`)
      }
      return 0
    } finally {
      story.stop()
    }
  },
}
