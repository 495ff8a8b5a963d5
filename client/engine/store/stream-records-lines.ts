import { LineLog, type TextFile } from './line-log.ts'
import {
  MemoryStreamRecords,
  type RecordedStream,
  type StreamRecords,
  type StreamRecordsChange,
} from './stream-records.ts'
import type { StreamRow } from './stream-rows.ts'

/** In a file of lines, for headless creators; compacted when it is first read. */
export class LinesStreamRecords implements StreamRecords {
  readonly #log: LineLog
  #memory: Promise<MemoryStreamRecords> | undefined

  constructor(file: TextFile) {
    this.#log = new LineLog(file)
  }

  async put(change: StreamRecordsChange): Promise<void> {
    const memory = await this.#open()
    await this.#log.append(change)
    await memory.put(change)
  }

  async get(streamId: string): Promise<RecordedStream | undefined> {
    return (await this.#open()).get(streamId)
  }

  async list(): Promise<readonly StreamRow[]> {
    return (await this.#open()).list()
  }

  #open(): Promise<MemoryStreamRecords> {
    this.#memory ??= this.#readAll().catch(error => {
      this.#memory = undefined
      throw error
    })
    return this.#memory
  }

  async #readAll(): Promise<MemoryStreamRecords> {
    const memory = new MemoryStreamRecords()
    // Only this class writes the file, and only whole lines are read.
    for (const line of await this.#log.read()) await memory.put(line as StreamRecordsChange)
    await this.#log.replace(memory.changes())
    return memory
  }
}
