/** What a command is: how to call it, and what it does. The answer is the exit code. */
export interface Command {
  usage: string
  run(given: string[]): Promise<number>
}
