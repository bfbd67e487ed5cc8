/**
 * `igarape demo`: the sales pipeline, from a dropped file to the warehouse, on an empty server of its own. It checks
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
import { setUpPython } from './pythonSetup.ts'
import { type SalesFile, sampleFiles, userFile } from './salesFiles.ts'
import { Story } from './story.ts'
import { watchPipeline } from './watch.ts'

export const demo: Command = {
  usage: `npm run demo [-- options]: the sales pipeline on an empty server, checked step by step
  --file FILE.csv  runs a file of yours through it, instead of the three samples
  --exit           ends by itself when all is shown (always so where there is no terminal)

${optionsHelp()}`,

  async run(given) {
    const { options, own } = readFlags(given, { file: 'string', exit: 'boolean' })
    const root = packageFolder()
    if (!existsSync(join(root, 'examples/sales'))) {
      throw new UserError('The demo deploys examples/sales, which this package does not carry.', {
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
      server = await startFresh({ ...options, data: dataFolder }, story)
      const running = server
      const run = async () => {
        const files = await deployExample({
          root,
          server: running,
          options,
          story,
          file: own.file as string | undefined,
        })
        return watchPipeline({
          control: controlClient(running.endpoint),
          aws: awsClient(running.endpoint, options.region),
          files,
          story,
        })
      }
      const isGood = await Promise.race([run(), stopped])
      if (isGood === undefined) return 130
      tellOwnTime(story)
      if (stay) await leaveRunning(server, options, story, stopped)
      return isGood ? 0 : 1
    } finally {
      story.stop()
      await server?.close()
      rmSync(dataFolder, { recursive: true, force: true })
    }
  },
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
  server: Server
  options: Options
  story: Story
  file: string | undefined
}): Promise<SalesFile[]> {
  const { root, server, options, story, file } = parts
  const exampleFolder = join(root, 'examples/sales')
  const mine = file === undefined ? undefined : userFile(file)
  story.heading('Deploy examples/sales with the AWS CDK')
  story.begin('cdk bootstrap, cdk synth')
  const [deployed, files] = await Promise.all([
    deploy({
      root,
      exampleFolder,
      endpoint: server.endpoint,
      options,
      progress: (line) => story.progress(line),
    }),
    mine ? [mine] : sampleFiles(exampleFolder),
  ])
  const synth = deployed.synthesized === 'before' ? 'synthesized before' : 'synthesized, and kept for next time'
  story.done(`cdk bootstrap, cdk deploy: the stack Sales is up (${synth})`)
  return files
}

async function leaveRunning(server: Server, options: Options, story: Story, stopped: Promise<void>): Promise<void> {
  story.heading('Yours to play with')
  story.line(copyLines(server.endpoint, `vendas-raw-${options.account}-${options.region}`))
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
