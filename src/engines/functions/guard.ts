/**
 * A shell that outlives the server by a moment: it is told of every process group, and when its input ends, however
 * the server ended, it kills those that are left. Hence no orphans, not even of a function in an endless loop.
 */
import { type ChildProcess, spawn } from 'node:child_process'

const script = `
trap '' INT TERM HUP
groups=' '
while read -r action group; do
  case $action in
    +) groups="$groups$group " ;;
    -) groups="\${groups%% $group *} \${groups#* $group }" ;;
  esac
done
for group in $groups; do kill -KILL -"$group" 2>/dev/null; done
`

export class ProcessGuard {
  #shell: ChildProcess | undefined

  watch(group: number): void {
    this.#shell ??= startShell()
    this.#tell(`+ ${group}`)
  }

  release(group: number): void {
    this.#tell(`- ${group}`)
  }

  close(): void {
    this.#shell?.stdin?.end()
  }

  #tell(line: string): void {
    this.#shell?.stdin?.write(`${line}\n`)
  }
}

function startShell(): ChildProcess {
  const shell = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true, env: {} })
  shell.stdin?.on('error', () => {})
  shell.unref()
  return shell
}
