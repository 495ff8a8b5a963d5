import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export type TrackerAddress = { readonly multiaddrs: readonly string[]; readonly httpUrl: string }

/** The real tracker in a process of its own, on free ports of 127.0.0.1, so that its work is in nobody's figures. */
export class TrackerProcess {
  readonly address: TrackerAddress
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, address: TrackerAddress) {
    this.#child = child
    this.address = address
  }

  /** `siteDir`: the built client, to be served too. */
  static start(siteDir?: string): Promise<TrackerProcess> {
    const path = fileURLToPath(new URL('./tracker-child.ts', import.meta.url))
    const child = fork(path, siteDir === undefined ? [] : [siteDir])
    return new Promise((resolve, reject) => {
      child.once('message', message => resolve(new TrackerProcess(child, message as TrackerAddress)))
      child.once('exit', code => reject(new Error(`the tracker ended with code ${code}`)))
    })
  }

  /** Resident set now, bytes. */
  memory(): Promise<{ readonly rssBytes: number }> {
    return new Promise(resolve => {
      this.#child.once('message', message => resolve(message as { rssBytes: number }))
      this.#child.send('memory')
    })
  }

  stop(): void {
    this.#child.kill()
  }
}
