import { html, render } from 'lit'
import { ExtensionWallets } from '../../client/engine/chain/extension-wallet.ts'
import type { MeshStats } from '../../client/engine/events.ts'
import type { PlayerStats } from '../../client/engine/media/player.ts'
import { openDatabase } from '../../client/engine/store/database.ts'
import type { AppContext } from '../../client/ui/app-context.ts'
import { defineHome } from '../../client/ui/home/vk-home.ts'
import type { PayRoom } from '../../client/ui/pay/pay-room.ts'
import { settleEarlierVisits } from '../../client/ui/pay/settle-earlier-visits.ts'
import { definePayPanel } from '../../client/ui/pay/vk-pay-panel.ts'
import { FREE } from '../../client/ui/studio/price-settings.ts'
import { defineEarningsPanel } from '../../client/ui/studio/vk-earnings-panel.ts'
import { defineLivePanel } from '../../client/ui/studio/vk-live-panel.ts'
import { definePriceForm } from '../../client/ui/studio/vk-price-form.ts'
import { defineStudio } from '../../client/ui/studio/vk-studio.ts'
import { defineChainSettings } from '../../client/ui/wallet/vk-chain-settings.ts'
import { defineFaucet } from '../../client/ui/wallet/vk-faucet.ts'
import { defineFindSessions } from '../../client/ui/wallet/vk-find-sessions.ts'
import { defineSessionList } from '../../client/ui/wallet/vk-session-list.ts'
import { defineConnectionPanel } from '../../client/ui/watch/vk-connection-panel.ts'
import { definePlayer } from '../../client/ui/watch/vk-player.ts'
import type { SessionRow } from '../../shared/pay/payer-contract.ts'
import type { VerifiedAnnouncement } from '../../shared/protocol/announcement.ts'
import type { PeerId } from '../../shared/protocol/ids.ts'
import {
  account,
  block,
  chain,
  DEMO,
  EXTENSION,
  FakeViewing,
  fakeBroadcast,
  fakeDesk,
  fakeSessions,
  found,
  PRICE,
  SENTENCES,
  sessions,
} from './fake-money.ts'

/** Elements in states that a network would take long to reach; `#<scene>` chooses. */
const peer = (name: string) => `12D3KooWQ8mXvN3zJt5rYp4bFh7kLs2dGw${name}` as PeerId

const stats: MeshStats = {
  self: peer('Me1234'),
  depth: 3,
  path: [peer('Creat0'), peer('RelayA'), peer('RelayB'), peer('Me1234')],
  links: [
    {
      peer: peer('RelayB'),
      relation: 'parent',
      rttMs: 31,
      queueDelayMs: 0,
      bytesSent: 84_000,
      bytesReceived: 48_400_000,
      dropped: 0,
    },
    {
      peer: peer('RelayC'),
      relation: 'warm',
      rttMs: 58,
      queueDelayMs: 0,
      bytesSent: 12_000,
      bytesReceived: 60_000,
      dropped: 0,
    },
    {
      peer: peer('ChildX'),
      relation: 'child',
      rttMs: 112,
      queueDelayMs: 18,
      bytesSent: 31_000_000,
      bytesReceived: 40_000,
      dropped: 4,
    },
  ],
  peers: 23,
  slots: 4,
  isTrackerConnected: true,
  framesReceived: 12_480,
  framesForwarded: 9_122,
  framesDropped: 4,
  framesRejected: 0,
  bytesReceived: 48_460_000,
  bytesSent: 31_096_000,
  behindLiveMs: 64,
}

const playerStats: PlayerStats = {
  state: 'playing',
  shownFps: 30,
  shownFrames: 6_200,
  decodedFrames: 6_210,
  droppedFrames: 2,
  avSkewMs: 12,
  bufferMs: 84,
  targetMs: 60,
  behindMs: 90,
  concealedMs: 0,
  audioLevel: 0.1,
  clock: 'audio',
  width: 1280,
  height: 720,
}

function entry(
  index: number,
  title: string,
  category: string,
  viewers: number,
  minutes: number,
  pricePerSecond = 0n,
) {
  return {
    announcement: {
      streamId: `stream${index}`,
      seq: 1,
      viewers,
      status: 'live',
      heads: [{ track: 0, seq: 1, timestampUs: minutes * 60_000_000 }],
    },
    manifest: { manifest: { title, category, pricePerSecond } },
  } as unknown as VerifiedAnnouncement
}

const entries = [
  entry(1, 'Evening raga, live from the roof', 'Music', 214, 42, 1_000n),
  entry(
    2,
    'Building a relay tree from scratch: part 7, the send queue and what happens when the uplink is full',
    'Coding',
    18,
    135,
  ),
  entry(3, '', '', 1, 0),
  entry(
    4,
    '<b>not bold</b> https://example.org/averyveryverylongaddresswithoutanyspacewhatsoever',
    'Talk',
    0,
    3,
  ),
]

function context(streams: readonly VerifiedAnnouncement[], state: string): AppContext {
  return {
    capabilities: async () => ({ toWatch: [], toStream: [] }),
    engine: async () => ({ tracker: { getPicture: async () => undefined }, crypto: {} }),
    config: async () => ({ trackers: [], isDev: true }),
    openDirectory: async () => ({ streams, state: { kind: state }, on: () => () => undefined, close() {} }),
  } as unknown as AppContext
}

function canvas(): HTMLCanvasElement {
  const element = document.createElement('canvas')
  element.width = 1280
  element.height = 720
  const drawing = element.getContext('2d')
  if (drawing === null) throw new Error('no canvas')
  const gradient = drawing.createLinearGradient(0, 0, 1280, 720)
  gradient.addColorStop(0, '#24445c')
  gradient.addColorStop(1, '#8c5a3c')
  drawing.fillStyle = gradient
  drawing.fillRect(0, 0, 1280, 720)
  return element
}

/** What the controls did, for tests to read. */
export class FakePlayer {
  readonly calls: string[] = []
  readonly listeners = new Map<string, (payload: unknown) => void>()
  needsGesture = true
  stats = playerStats
  on(name: string, listener: (payload: unknown) => void): () => void {
    this.listeners.set(name, listener)
    return () => this.listeners.delete(name)
  }
  play(): void {
    this.calls.push('play')
    this.listeners.get('state')?.({ kind: 'playing' })
  }
  pause(): void {
    this.calls.push('pause')
    this.listeners.get('state')?.({ kind: 'paused' })
  }
  setVolume(volume: number): void {
    this.calls.push(`volume ${volume}`)
  }
  setMuted(isMuted: boolean): void {
    this.calls.push(isMuted ? 'mute' : 'unmute')
  }
  async resumeSound(): Promise<void> {
    this.calls.push('sound')
    this.needsGesture = false
    this.listeners.get('gesture')?.({ isNeeded: false })
  }
}

/** `pay-<n>`: the pay panel in the n-th state. */
const payScenes = Object.fromEntries(
  SENTENCES.map((state, index) => [
    `pay-${index}`,
    () => html`<vk-pay-panel
      .viewing=${new FakeViewing(state)}
      .chain=${chain}
      .price=${PRICE}
      .desk=${fakeDesk([EXTENSION, DEMO])}
    ></vk-pay-panel>`,
  ]),
)

const scenes: Record<string, () => unknown> = {
  ...payScenes,
  earnings: () => html`<vk-earnings-panel .paid=${fakeBroadcast()}></vk-earnings-panel>`,
  'earnings-paused': () => html`<vk-earnings-panel
    .paid=${fakeBroadcast(
      'The chain has not answered for 60 s, so nobody gets keys. It is tried again by itself.',
      {
        kind: 'behind',
        sentence: 'No new block was seen for 70 s. What is paid meanwhile is counted as soon as one comes.',
        sinceMs: 0,
      },
    )}
  ></vk-earnings-panel>`,
  'price-free': () => html`<vk-price-form></vk-price-form>`,
  'price-paid': () => html`<vk-price-form
    .settings=${{ ...FREE, isPaid: true, amount: '3.6' }}
    .chain=${chain}
    .desk=${fakeDesk([DEMO])}
  ></vk-price-form>`,
  'price-low-credit': () => html`<vk-price-form
    .settings=${{ ...FREE, isPaid: true, amount: '3,6x', creditSeconds: 6 }}
    .chain=${chain}
    .desk=${fakeDesk([DEMO])}
  ></vk-price-form>`,
  'price-chain-down': () => html`<vk-price-form
    .settings=${{ ...FREE, isPaid: true }}
    .problem=${'No node of the chain answers. Check your connection, or choose another node.'}
  ></vk-price-form>`,
  sessions: () =>
    html`<vk-session-list .sessions=${sessions} .unit=${chain} .addressOf=${(of: string) => of}></vk-session-list>`,
  'sessions-none': () => html`<vk-session-list></vk-session-list>`,
  'chain-ready': () => html`<vk-chain-settings
    .state=${{ kind: 'ready', endpoint: 'ws://127.0.0.1:9944', info: chain }}
    .endpoints=${['ws://127.0.0.1:9944']}
    .isOwnChoice=${true}
  ></vk-chain-settings>`,
  'chain-none': () => html`<vk-chain-settings></vk-chain-settings>`,
  'chain-down': () => html`<vk-chain-settings
    .state=${{ kind: 'down', reason: 'connection refused', sinceMs: 0 }}
    .endpoints=${['wss://asset-hub.example']}
  ></vk-chain-settings>`,
  'find-running': () => html`<vk-find-sessions
    .sessions=${fakeSessions(undefined, { block: 300, searched: 112, total: 400, found: [] })}
    .chain=${chain}
    .desk=${fakeDesk([DEMO])}
  ></vk-find-sessions>`,
  'find-found': () => html`<vk-find-sessions
    .sessions=${fakeSessions({
      found: [found],
      gaps: [{ from: 310, to: 320, reason: 'the node no longer has their state' }],
      oldest: block(12).number,
    })}
    .chain=${chain}
    .desk=${fakeDesk([DEMO])}
  ></vk-find-sessions>`,
  faucet: () => html`<vk-faucet
    .chain=${chain}
    .endpoint=${'ws://127.0.0.1:1'}
    .desk=${fakeDesk([DEMO])}
  ></vk-faucet>`,
  'pay-no-accounts': () => html`<vk-pay-panel
    .viewing=${new FakeViewing(SENTENCES[0] ?? { kind: 'free' })}
    .chain=${chain}
    .price=${PRICE}
    .desk=${fakeDesk([EXTENSION], [])}
  ></vk-pay-panel>`,
  'pay-locked': () => html`<vk-pay-panel
    .viewing=${new FakeViewing(SENTENCES[0] ?? { kind: 'free' })}
    .chain=${chain}
    .price=${PRICE}
    .desk=${fakeDesk([EXTENSION], [], Object.assign(new Error('Polkadot.js is locked. Unlock it, then try again.'), { name: 'WalletError' }))}
  ></vk-pay-panel>`,
  'pay-real-wallets': () => html`<vk-pay-panel
    .viewing=${new FakeViewing(SENTENCES[0] ?? { kind: 'free' })}
    .chain=${chain}
    .price=${PRICE}
    .desk=${new ExtensionWallets({ ...chain, isLocal: false })}
  ></vk-pay-panel>`,
  'pay-no-wallet': () => html`<vk-pay-panel
    .viewing=${new FakeViewing(SENTENCES[0] ?? { kind: 'free' })}
    .chain=${chain}
    .price=${PRICE}
    .desk=${fakeDesk([])}
  ></vk-pay-panel>`,
  home: () => html`<vk-home .context=${context(entries, 'connected')}></vk-home>`,
  'home-empty': () => html`<vk-home .context=${context([], 'connected')}></vk-home>`,
  'home-unreachable': () => html`<vk-home .context=${context([], 'unreachable')}></vk-home>`,
  studio: () => html`<vk-studio .context=${context([], 'connected')}></vk-studio>`,
  'live-panel': () => html`<vk-live-panel
    .link=${'https://example.org/tv/#/watch/5Jx…'}
    .stats=${{ ...stats, viewers: 23, framesSent: 1, bitrate: 2_600_000, isTrackerConnected: false }}
    .isAccountKept=${false}
  ></vk-live-panel>`,
  player: () =>
    html`<vk-player .canvas=${canvas()} .player=${new FakePlayer()} .label=${'Live picture of a test'}></vk-player>`,
  'player-waiting': () => html`<vk-player .overlay=${'Looking for peers…'} .isBusy=${true}></vk-player>`,
  connection: () =>
    html`<vk-connection-panel .stats=${stats} .playerStats=${playerStats}></vk-connection-panel>`,
}

defineHome()
defineStudio()
defineLivePanel()
definePlayer()
defineConnectionPanel()
definePayPanel()
defineSessionList()
defineEarningsPanel()
definePriceForm()
defineFindSessions()
defineFaucet()
defineChainSettings()

/** `name` '' clears the page. */
export function showScene(name: string): void {
  render(html`<main style="padding: 20px">${scenes[name]?.()}</main>`, document.body)
}
/**
 * A session in this browser's books, and what settling tells of it; `mends`: whether the engine can close it. Answers
 * how often the engine, and with it the chain, was asked for.
 */
async function settleOne(hasSession: boolean, mends: boolean, watching?: string) {
  const session = account('6')
  if (hasSession) {
    const database = await openDatabase()
    const row = { session, streamId: account('a').slice(2), wallet: account('4'), phase: { kind: 'open' } }
    await database.put('sessions', row as unknown as SessionRow)
    database.close()
  }
  const told: string[] = []
  let asked = 0
  const recover = async () => {
    if (!mends) return
    const database = await openDatabase()
    const row = await database.get('sessions', session)
    if (row !== undefined)
      await database.put('sessions', { ...row, phase: { kind: 'closed', reason: 'recovered' } })
    database.close()
  }
  const payRoom = async () => {
    asked += 1
    return { sessions: async () => ({ recover }) } as unknown as PayRoom
  }
  await settleEarlierVisits({ payRoom, onChange: ({ kind }) => told.push(kind) }, watching)
  return { told, asked, databases: (await indexedDB.databases()).length }
}
Object.assign(window, { showScene, settleOne })
showScene(location.hash.slice(1))
