/**
 * `npm run bench:access -- --viewers 1000`: what one epoch costs the creator, by the code that runs there: opening each
 * viewer's pull, throwing as many forged ones out, deciding, wrapping the epoch's key for each viewer. Once with
 * node:crypto, as `vilokanam broadcast` has it, and once with WebCrypto, as a page has it. CPU time of the whole process,
 * threads of WebCrypto included; what viewers do is not in it.
 */
import { parseArgs } from 'node:util'
import { AccessGiverShell, remarkHash } from '../client/engine/access/access-giver.ts'
import { AccessTakerShell } from '../client/engine/access/access-taker.ts'
import { WebContentCipher } from '../client/engine/access/content-cipher.ts'
import { generateAccessKey, type MakeSealKey, webSealKey } from '../client/engine/access/sealing.ts'
import { generateWebSigner } from '../client/engine/crypto/web-crypto.ts'
import { nodeSealKey } from '../client/headless/node-seal-key.ts'
import { hexText } from '../shared/protocol/hex.ts'
import { streamIdFromBytes, streamIdToBytes } from '../shared/protocol/ids.ts'
import { nodeCrypto } from '../tracker/node-crypto.ts'
import { num, printJson, printTable, rounded } from './report.ts'
import { silent } from './silent.ts'

const { values } = parseArgs({
  options: { viewers: { type: 'string', default: '1000' }, json: { type: 'boolean' } },
})
const VIEWERS = Number(values.viewers)
if (!Number.isSafeInteger(VIEWERS) || VIEWERS < 1) throw new Error('--viewers takes a count from 1')

const EPOCH_MS = 4_000
/** Measured epochs, of which the median counts; the first ones warm the machine code up. */
const ROUNDS = 9
const WARM_UP = 2
const FIRST_EPOCH = 10
const GRANT_KIND = 0x21
/** The giver opens at most 256 at once; a crowd of joiners comes over seconds. */
const REQUESTS_AT_ONCE = 200

type Up = { readonly origin: Uint8Array; readonly counter: number; readonly body: Uint8Array }
type Down = { readonly target: Uint8Array; readonly counter: number; readonly body: Uint8Array }

/** CPU ms for all viewers together. */
type Cost = {
  readonly grants: number
  readonly pulls: number
  readonly forgeries: number
  readonly requests: number
  readonly bytesPerViewer: number
}

class Room {
  readonly #streamId = streamIdFromBytes(crypto.getRandomValues(new Uint8Array(32)))
  readonly #clock = { ms: 0, nowMs: () => this.#clock.ms, wallMs: () => 1_700_000_000_000 + this.#clock.ms }
  readonly #giver: AccessGiverShell
  readonly #creatorKey: Uint8Array
  readonly #takers = new Map<string, AccessTakerShell>()
  #said: Up[] = []
  #downs: Down[] = []

  constructor(key: Awaited<ReturnType<typeof generateAccessKey>>, sealKey: MakeSealKey) {
    this.#creatorKey = key.publicKey
    this.#giver = new AccessGiverShell(
      { crypto: nodeCrypto, clock: this.#clock, logger: silent, sealKey },
      {
        streamId: this.#streamId,
        key,
        cipher: new WebContentCipher(this.#streamId),
        epochMs: EPOCH_MS,
        creditSeconds: 86_400,
        previewSeconds: 0,
        pricePerSecond: 1_000_000n,
        payout: hexText(new Uint8Array(32).fill(0xee)),
        budgetAccount: (_wallet, session) => session,
      },
    )
    this.#giver.on('down', down => this.#downs.push(down))
  }

  async measure(): Promise<Cost> {
    this.#setPosition(0)
    for (let index = 0; index < VIEWERS; index++) await this.#join(index)
    const requested = await this.#viewersSpeak()
    let requests = 0
    for (let from = 0; from < requested.length; from += REQUESTS_AT_ONCE) {
      requests += await this.#receive(requested.slice(from, from + REQUESTS_AT_ONCE))
    }
    await this.#viewersHear(VIEWERS)
    const rounds: Pick<Cost, 'grants' | 'pulls' | 'forgeries'>[] = []
    let bytes = 0
    for (let round = 0; round < ROUNDS + WARM_UP; round++) {
      this.#setPosition(round * EPOCH_MS + 1_800)
      const asked = await this.#viewersSpeak()
      if (asked.length !== VIEWERS) throw new Error(`${asked.length} of ${VIEWERS} viewers asked`)
      // The forgery comes first, under the honest pull's own number: it must not keep the honest one out.
      const forgeries = await this.#receive(asked.map(forged))
      const pulls = await this.#receive(asked)
      this.#setPosition(round * EPOCH_MS + 2_400)
      const grants = await this.#cpuOf(() => {
        this.#clock.ms = round * EPOCH_MS + 2_600
        this.#giver.tick(this.#clock.ms)
      })
      bytes = await this.#viewersHear(VIEWERS)
      if (round >= WARM_UP) rounds.push({ grants, pulls, forgeries })
    }
    this.#giver.close()
    for (const taker of this.#takers.values()) taker.close()
    return {
      grants: median(rounds.map(round => round.grants)),
      pulls: median(rounds.map(round => round.pulls)),
      forgeries: median(rounds.map(round => round.forgeries)),
      requests,
      bytesPerViewer: bytes / VIEWERS,
    }
  }

  async #join(index: number): Promise<void> {
    const session = await generateWebSigner()
    const origin = crypto.getRandomValues(new Uint8Array(32))
    const wallet = hexText(crypto.getRandomValues(new Uint8Array(32)))
    const taker = new AccessTakerShell({ clock: this.#clock, logger: silent, random: () => 0 })
    let counter = 0
    taker.on('up', ({ body }) => {
      counter += 2
      this.#said.push({ origin, counter, body })
    })
    this.#takers.set(hexText(origin), taker)
    await taker.start({
      streamId: this.#streamId,
      creatorKey: this.#creatorKey,
      origin,
      wallet,
      session,
      epochMs: EPOCH_MS,
      creditSeconds: 86_400,
    })
    this.#giver.evidence({
      kind: 'funded',
      place: { block: { number: 1, hash: '0x01' }, index },
      wallet,
      remarkHash: remarkHash(streamIdToBytes(this.#streamId), session.publicKey),
      moved: [{ to: hexText(session.publicKey), planck: 10n ** 12n }],
    })
  }

  #position(): { readonly epoch: number; readonly intoMs: number } {
    const { ms } = this.#clock
    return { epoch: FIRST_EPOCH + Math.floor(ms / EPOCH_MS), intoMs: ms % EPOCH_MS }
  }

  #setPosition(nowMs: number): void {
    this.#clock.ms = nowMs
    this.#giver.setPosition(this.#position(), nowMs)
  }

  async #viewersSpeak(): Promise<Up[]> {
    const { ms } = this.#clock
    for (const taker of this.#takers.values()) {
      taker.setPosition(this.#position(), true, ms)
      taker.tick(ms)
    }
    for (const taker of this.#takers.values()) await taker.idle()
    return this.#said.splice(0)
  }

  /** Bytes of the grants among what was sent; throws unless each viewer got one and could read it. */
  async #viewersHear(grantsExpected: number): Promise<number> {
    const grants = this.#downs.filter(({ body }) => body[0] === GRANT_KIND)
    let keys = 0
    const unsubscribe = [...this.#takers.values()].map(taker =>
      taker.on('key', () => {
        keys++
      }),
    )
    for (const down of this.#downs.splice(0)) this.#takers.get(hexText(down.target))?.receiveDown(down)
    for (const taker of this.#takers.values()) await taker.idle()
    for (const stop of unsubscribe) stop()
    if (grants.length !== grantsExpected || keys !== grantsExpected) {
      throw new Error(`${grants.length} grants, ${keys} of them read, for ${grantsExpected} viewers`)
    }
    return grants.reduce((bytes, { body }) => bytes + body.length, 0)
  }

  #receive(ups: readonly Up[]): Promise<number> {
    return this.#cpuOf(() => {
      for (const up of ups) this.#giver.receiveUp(up)
    })
  }

  /** CPU ms of `work`, with everything it sets off. */
  async #cpuOf(work: () => void): Promise<number> {
    const before = process.cpuUsage()
    work()
    await this.#giver.idle()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1_000
  }
}

/** Sent by the viewer's own origin, sealed by somebody else: the dearest kind, since it must be tried. */
function forged({ origin, counter, body }: Up): Up {
  const bytes = new Uint8Array(body)
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
  return { origin, counter: counter - 1, body: bytes }
}

function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

const node = await new Room(await generateAccessKey(), nodeSealKey).measure()
const web = await new Room(await generateAccessKey(), webSealKey).measure()
const sum = ({ grants, pulls, forgeries }: Cost): number => grants + pulls + forgeries
const row = (name: string, of: (cost: Cost) => number): string[] => [name, num(of(node)), num(of(web))]

printTable(
  [`CPU ms an epoch, ${VIEWERS} viewers`, 'node:crypto', 'WebCrypto'],
  [
    row('keys decided and wrapped', cost => cost.grants),
    row('pulls opened', cost => cost.pulls),
    row('as many forgeries thrown out', cost => cost.forgeries),
    row('all three', sum),
    row('once a viewer, not an epoch: requests opened', cost => cost.requests),
  ],
)
console.log(`A grant is ${num(node.bytesPerViewer)} bytes. Medians of ${ROUNDS} epochs.`)
printJson(values.json, {
  viewers: VIEWERS,
  cpuMsPerEpoch: rounded(node.grants),
  bytesPerViewer: rounded(node.bytesPerViewer),
  pullsOpened: VIEWERS,
  forgeriesThrownOut: VIEWERS,
  cpuMsPerEpochWithPulls: rounded(sum(node)),
  webCpuMsPerEpoch: rounded(web.grants),
  webCpuMsPerEpochWithPulls: rounded(sum(web)),
  requestsCpuMs: rounded(node.requests),
})
