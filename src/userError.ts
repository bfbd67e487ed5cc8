/** A mistake that a person can mend: what happened, with the value in it, and what to do. */
export class UserError extends Error {
  readonly fix: string

  constructor(message: string, { fix }: { fix: string }) {
    super(message)
    this.name = 'UserError'
    this.fix = fix
  }
}
