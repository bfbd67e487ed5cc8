/**
 * How much the garbage collector lets the heap grow beyond what is alive before it collects all of it. V8's own measure, up to
 * four times, is for programs that have the machine to themselves: a server that drains a backlog took 240 MB, of which
 * less than half was alive. With half as much again as is alive it takes 160 MB. What that costs was within the noise (157 and 143 µs an event in three
 * turns of each).
 */
import { setFlagsFromString } from 'node:v8'

const growthPercent = 50

/** Read by each collection, so that it may be said after the start. For a process of our own: a test's is not ours. */
export function growHeapSlowly(): void {
  setFlagsFromString(`--heap-growing-percent=${growthPercent}`)
}
