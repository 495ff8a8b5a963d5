import { MemoryEarningsStore } from './earnings-memory.ts'
import type { EarningsScope, EarningsStore, StoredEarnings } from './earnings-store.ts'
import { LineLog, type TextFile } from './line-log.ts'

type Change = Parameters<EarningsStore['commit']>[1]
type Line =
  | { readonly kept: StoredEarnings }
  | { readonly scope: EarningsScope; readonly change: Change }
  | { readonly scope: EarningsScope; readonly archived: string }

/** Earnings in a file of lines, for headless creators: one line a commit, compacted when it is first read. */
export class LinesEarningsStore implements EarningsStore {
  readonly #log: LineLog
  #memory: Promise<MemoryEarningsStore> | undefined
  /** The file is written before memory changes, one commit after the other. */
  #tail: Promise<void> = Promise.resolve()

  constructor(file: TextFile) {
    this.#log = new LineLog(file)
  }

  async load(scope: EarningsScope): Promise<StoredEarnings | undefined> {
    return (await this.#open()).load(scope)
  }

  async list(): Promise<readonly StoredEarnings[]> {
    return (await this.#open()).list()
  }

  commit(scope: EarningsScope, change: Change): Promise<void> {
    return this.#write({ scope, change })
  }

  archive(scope: EarningsScope, sentence: string): Promise<void> {
    return this.#write({ scope, archived: sentence })
  }

  #write(line: Exclude<Line, { kept: StoredEarnings }>): Promise<void> {
    const done = this.#tail
      .catch(() => undefined)
      .then(async () => {
        const memory = await this.#open()
        if ('change' in line) memory.checkRevision(line.scope, line.change.cursor)
        await this.#log.append(line)
        await applyLine(memory, line)
      })
    this.#tail = done
    return done
  }

  #open(): Promise<MemoryEarningsStore> {
    this.#memory ??= this.#readAll().catch(error => {
      this.#memory = undefined
      throw error
    })
    return this.#memory
  }

  async #readAll(): Promise<MemoryEarningsStore> {
    // Only this class writes the file, and only whole lines are read.
    const lines = (await this.#log.read()) as readonly Line[]
    const kept = lines.flatMap(line => ('kept' in line ? [line.kept] : []))
    const memory = new MemoryEarningsStore(kept)
    for (const line of lines) if (!('kept' in line)) await applyLine(memory, line)
    const whole = await memory.list()
    await this.#log.replace(whole.map(each => ({ kept: each })))
    return memory
  }
}

async function applyLine(
  memory: MemoryEarningsStore,
  line: Exclude<Line, { kept: StoredEarnings }>,
): Promise<void> {
  if ('change' in line) await memory.commit(line.scope, line.change)
  else await memory.archive(line.scope, line.archived)
}
