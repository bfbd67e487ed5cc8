/**
 * Tells the demo: headings, lines, and on a terminal one line at the bottom that says what is under way. Without a
 * terminal that line is left out, so that a log reads well.
 */
import { stdout } from 'node:process'
import { stopwatch, type Wake } from '../../clock.ts'
import { duration, paint } from '../terminal.ts'

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const frameMillis = 80

export class Story {
  readonly #isTerminal = stdout.isTTY === true
  #step = 0
  #status: string | undefined
  #since = 0
  #spinner: Wake | undefined
  #frame = 0

  heading(text: string): void {
    this.#step += 1
    this.line(`\n${paint.bold(paint.blue(`${this.#step}.`))} ${paint.bold(text)}`)
  }

  line(text: string): void {
    this.#wipe()
    console.log(text)
    this.#draw()
  }

  /** What is under way now; the time it takes is shown with it. */
  begin(text: string): void {
    this.#status = text
    this.#since = stopwatch.now()
    if (!this.#isTerminal) return
    this.#spinner ??= stopwatch.every(frameMillis, () => {
      this.#frame += 1
      this.#wipe()
      this.#draw()
    })
    this.#draw()
  }

  /** More words about what is under way. */
  progress(text: string): void {
    if (this.#status === undefined) return
    this.#status = text
  }

  /** It is done: a line says what, and how long it took. */
  done(text: string): void {
    const took = stopwatch.now() - this.#since
    this.stop()
    this.line(`   ${paint.green('✔')} ${text} ${paint.dim(duration(took))}`)
  }

  stop(): void {
    this.#wipe()
    this.#status = undefined
    this.#spinner?.cancel()
    this.#spinner = undefined
  }

  #wipe(): void {
    if (this.#isTerminal && this.#status !== undefined) stdout.write('\r\u001b[2K')
  }

  #draw(): void {
    if (!this.#isTerminal || this.#status === undefined) return
    const spinner = paint.cyan(frames[this.#frame % frames.length] ?? '')
    const room = (stdout.columns ?? 80) - 16
    const text = this.#status.length > room ? `${this.#status.slice(0, room - 1)}…` : this.#status
    stdout.write(`   ${spinner} ${text} ${paint.dim(duration(stopwatch.now() - this.#since))}`)
  }
}
