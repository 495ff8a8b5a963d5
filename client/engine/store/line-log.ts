import { jsonLine, parseJsonLine } from './ledger-json.ts'

/** A text file, or what stands for one. What resolves is kept. */
export interface TextFile {
  /** '' where there is none yet. */
  read(): Promise<string>
  append(text: string): Promise<void>
  /** All or nothing. */
  replace(text: string): Promise<void>
}

/** Values as lines of JSON, each written once at the end of a file. One writer. */
export class LineLog {
  readonly #file: TextFile
  #tail: Promise<void> = Promise.resolve()

  constructor(file: TextFile) {
    this.#file = file
  }

  /** In the order they were written. A last line that a crash cut off was never acknowledged: it is left out. */
  async read(): Promise<readonly unknown[]> {
    await this.#tail.catch(() => undefined)
    const lines = (await this.#file.read()).split('\n')
    lines.pop()
    return lines.map(parseJsonLine)
  }

  /** In the order of calls. After a failure the next one is tried all the same. */
  append(value: unknown): Promise<void> {
    return this.#then(() => this.#file.append(`${jsonLine(value)}\n`))
  }

  replace(values: readonly unknown[]): Promise<void> {
    return this.#then(() => this.#file.replace(values.map(value => `${jsonLine(value)}\n`).join('')))
  }

  #then(write: () => Promise<void>): Promise<void> {
    const done = this.#tail.catch(() => undefined).then(write)
    this.#tail = done
    return done
  }
}
