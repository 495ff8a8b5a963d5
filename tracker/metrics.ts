import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'

const NS_PER_S = 1e9

/** What `/metrics` shows: counts and times, no address, peer or stream. */
export class TrackerMetrics {
  readonly registry = new Registry()
  readonly joins = this.#counter('joins_total', 'Peers that joined a room, by role.', ['role'])
  readonly refused = this.#counter('refused_total', 'Refusals, by code.', ['code'])
  readonly signals = this.#counter('signals_total', 'Signals taken, by what became of them.', ['outcome'])
  readonly chains = this.#counter('chains_total', 'Edge chains shown by peers, by whether they verified.', [
    'outcome',
  ])
  readonly announcements = this.#counter(
    'announcements_total',
    'Announcements, by where they came from and what became of them.',
    ['source', 'outcome'],
  )
  readonly pictures = this.#counter('pictures_total', 'Preview pictures asked for and given.', ['outcome'])
  readonly stunAnswers = this.#counter('stun_answers_total', 'STUN binding requests answered.')
  readonly httpRequests = this.#counter('http_requests_total', 'HTTP requests, by status class.', ['status'])
  readonly candidateSeconds = new Histogram({
    name: 'vilokanam_candidates_seconds',
    help: 'From reading FindParents to queueing its answer.',
    buckets: [0.0005, 0.001, 0.005, 0.02, 0.1, 0.5],
    registers: [this.registry],
  })
  readonly #lag = monitorEventLoopDelay({ resolution: 10 })

  constructor(sizes: { connections(): number; peers(): number; rooms(): number; streams(): number }) {
    this.#gauge('connections', 'Open WebSocket connections.', sizes.connections)
    this.#gauge('peers', 'Peers in rooms.', sizes.peers)
    this.#gauge('rooms', 'Rooms.', sizes.rooms)
    this.#gauge('streams', 'Streams announced and listed.', sizes.streams)
    this.#gauge('process_resident_memory_bytes', 'Resident set size.', () => process.memoryUsage.rss())
    this.#gauge('process_cpu_seconds', 'User and system CPU time since the start.', () => {
      const { user, system } = process.cpuUsage()
      return (user + system) / 1e6
    })
    this.#lag.enable()
    this.#gauge('event_loop_lag_p99_seconds', 'Delay of the event loop since the last scrape.', () => {
      const seconds = this.#lag.percentile(99) / NS_PER_S
      this.#lag.reset()
      return seconds
    })
  }

  close(): void {
    this.#lag.disable()
    this.registry.clear()
  }

  #counter(name: string, help: string, labelNames: string[] = []): Counter {
    return new Counter({ name: `vilokanam_${name}`, help, labelNames, registers: [this.registry] })
  }

  #gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name: `vilokanam_${name}`,
      help,
      registers: [this.registry],
      collect() {
        this.set(read())
      },
    })
  }
}
