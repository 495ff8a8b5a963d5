/** An option or argument that cannot be; `message` says what to give instead. */
export class OptionError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'OptionError'
  }
}
