/** What a terminal needs of a stream; process.stdout and process.stderr fit. */
export type TerminalStream = { readonly isTTY?: boolean; write(text: string): unknown }

export type TerminalOptions = {
  readonly out: TerminalStream
  readonly err: TerminalStream
  /** Monotonic, ms. */
  readonly nowMs: () => number
}

/** Off a terminal, in a log file, a status each second is noise. */
const PLAIN_STATUS_EVERY_MS = 10_000
const CLEAR_LINE = '\r\u001b[2K'

/** Lines that stay and one status line that is rewritten in place; plain lines where there is no terminal. */
export class Terminal {
  readonly #options: TerminalOptions
  #status = ''
  #plainStatusAtMs = Number.NEGATIVE_INFINITY

  constructor(options: TerminalOptions) {
    this.#options = options
  }

  line(text: string): void {
    this.#print(this.#options.out, text)
  }

  /** Something to know or to act on. */
  note(text: string): void {
    this.#print(this.#options.err, text)
  }

  status(text: string): void {
    const { out, nowMs } = this.#options
    if (out.isTTY === true) {
      this.#status = text
      out.write(CLEAR_LINE + text)
      return
    }
    if (nowMs() - this.#plainStatusAtMs < PLAIN_STATUS_EVERY_MS) return
    this.#plainStatusAtMs = nowMs()
    out.write(`${text}\n`)
  }

  /** Leaves the last status standing on a line of its own. Idempotent. */
  close(): void {
    if (this.#status !== '') this.#options.out.write('\n')
    this.#status = ''
  }

  #print(stream: TerminalStream, text: string): void {
    const { out } = this.#options
    if (this.#status !== '') out.write(CLEAR_LINE)
    stream.write(`${text}\n`)
    if (this.#status !== '') out.write(this.#status)
  }
}
