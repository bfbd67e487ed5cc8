/**
 * `igarape demo NAME`: one of the four pipelines, from a dropped file to the end, on an empty server of its own. It checks
 * every step, and exits with 0 only if each came out as it should.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stdout } from 'node:process'
import type { Server } from '../../app.ts'
import { stopwatch } from '../../clock.ts'
import { packageFolder } from '../../engines/functions/packageFolder.ts'
import { consoleLog } from '../../observe/log.ts'
import type { Options } from '../../options.ts'
import { UserError } from '../../userError.ts'
import type { Command } from '../command.ts'
import { controlClient } from '../controlClient.ts'
import { optionsHelp, readFlags } from '../optionFlags.ts'
import { startOnPort } from '../startOnPort.ts'
import { untilStopped } from '../stopSignals.ts'
import { duration, paint } from '../terminal.ts'
import { awsClient } from './awsClient.ts'
import { copyLines } from './copyLines.ts'
import { deploy } from './deployment.ts'
import type { DemoFile, Example } from './example.ts'
import { examples } from './examples.ts'
import { Pipeline, report } from './pipeline.ts'
import { setUpPython } from './pythonSetup.ts'
import { Story } from './story.ts'

export const demo: Command = {
  usage: `npm run demo [-- NAME] [-- options]: a pipeline on an empty server, checked step by step
${examples.map(({ name, about }) => `  ${name.padEnd(16)} ${about}`).join('\n')}

  --file FILE      runs a file of yours through it, instead of the samples
  --exit           ends by itself when all is shown (always so where there is no terminal)

${optionsHelp()}`,

  async run(given) {
    const { options, own, positionals } = readFlags(given, { file: 'string', exit: 'boolean' })
    const example = exampleNamed(positionals[0])
    const root = packageFolder()
    if (!existsSync(join(root, 'examples', example.name))) {
      throw new UserError(`The demo deploys examples/${example.name}, which this package does not carry.`, {
        fix: 'Clone the repository and run `npm run demo` there.',
      })
    }
    const story = new Story()
    const dataFolder = mkdtempSync(join(tmpdir(), 'igarape-demo-'))
    const stay = !own.exit && stdout.isTTY === true
    const stopped = untilStopped()
    let server: Server | undefined
    try {
      await setUpPython(options, story)
      const clock = example.movesClock ? { clock: 'virtual' as const } : {}
      server = await startFresh({ ...options, ...clock, data: dataFolder }, story)
      const running = server
      const bucket = `${example.bucket}-${options.account}-${options.region}`
      const run = async () => {
        const file = own.file as string | undefined
        const files = await deployExample({ root, example, server: running, options, story, file })
        const control = controlClient(running.endpoint)
        const aws = awsClient(running.endpoint, options.region)
        return report(story, await example.play(new Pipeline({ control, aws, bucket, files, story })))
      }
      const isGood = await Promise.race([run(), stopped])
      if (isGood === undefined) return 130
      tellOwnTime(story)
      if (stay) await leaveRunning({ server, example, bucket, story, stopped })
      return isGood ? 0 : 1
    } finally {
      story.stop()
      await server?.close()
      rmSync(dataFolder, { recursive: true, force: true })
    }
  },
}

function exampleNamed(name: string | undefined): Example {
  const found = name === undefined ? examples[0] : examples.find((example) => example.name === name)
  if (found) return found
  throw new UserError(`There is no demo called ${name}.`, {
    fix: `There are ${examples.map((example) => example.name).join(', ')}.`,
  })
}

async function startFresh(options: Options, story: Story): Promise<Server> {
  story.heading('Start the platform')
  story.begin('starting')
  const log = consoleLog((line) => story.line(paint.dim(`   ${line}`)))
  const quiet = { ...log, info: () => undefined }
  let server: Server
  try {
    server = await startOnPort(options, quiet)
  } catch (error) {
    const isTaken = error instanceof UserError && /^Port \d+ is in use/.test(error.message)
    if (!isTaken) throw error
    server = await startOnPort({ ...options, port: 0 }, quiet)
    story.line(`   ${paint.yellow('•')} Port ${options.port} is taken; this demo runs on port ${server.port}.`)
  }
  story.done(`${paint.cyan(server.endpoint)} answers, on an empty data folder`)
  return server
}

async function deployExample(parts: {
  root: string
  example: Example
  server: Server
  options: Options
  story: Story
  file: string | undefined
}): Promise<DemoFile[]> {
  const { root, example, server, options, story, file } = parts
  const exampleFolder = join(root, 'examples', example.name)
  story.heading(`Deploy examples/${example.name} with the AWS CDK`)
  story.begin('cdk bootstrap, cdk synth')
  const [deployed, files] = await Promise.all([
    deploy({
      root,
      exampleFolder,
      endpoint: server.endpoint,
      options,
      progress: (line) => story.progress(line),
    }),
    example.files(exampleFolder, file),
  ])
  const synth = deployed.synthesized === 'before' ? 'synthesized before' : 'synthesized, and kept for next time'
  story.done(`cdk bootstrap, cdk deploy: the stack ${example.stack} is up (${synth})`)
  return files
}

async function leaveRunning(parts: {
  server: Server
  example: Example
  bucket: string
  story: Story
  stopped: Promise<void>
}): Promise<void> {
  const { server, example, bucket, story, stopped } = parts
  story.heading('Yours to play with')
  story.line(copyLines(server.endpoint, example, bucket))
  if (example.movesClock) story.line(paint.dim('   Time stands still on this server until you move it.'))
  story.line(paint.dim('   Ctrl-C stops it.'))
  await stopped
  story.line('\n   Stopped. The data folder is gone with it.')
}

/** What the platform itself has cost, without CDK, functions and jobs, which are processes of their own. */
function tellOwnTime(story: Story): void {
  const { user, system } = process.cpuUsage()
  const used = duration((user + system) / 1000)
  story.line(paint.dim(`   This process has used ${used} of processor time in ${duration(stopwatch.now())}.`))
}
