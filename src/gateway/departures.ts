/**
 * Answers of one turn of the event loop go out together, at its end. Each write wakes the client that waits for it, which costs
 * more than a small request does; a client that has several connections is awake already for the second.
 */
export class Departures {
  #waiting: (() => void)[] = []

  add(leave: () => void): void {
    if (this.#waiting.push(leave) === 1) setImmediate(() => this.#leave())
  }

  #leave(): void {
    const leaving = this.#waiting
    this.#waiting = []
    for (const leave of leaving) leave()
  }
}
