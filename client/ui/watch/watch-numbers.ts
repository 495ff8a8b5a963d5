import { html } from 'lit'
import type { MeshStats } from '../../engine/events.ts'
import { latencyText } from '../quantity.ts'

/** How well this viewer is connected, at a glance. */
export function watchNumbers(stats: MeshStats | undefined, bufferMs: number | undefined, isPlaying: boolean) {
  const behind = stats?.behindLiveMs
  const latency =
    behind === undefined || bufferMs === undefined || !isPlaying ? '–' : latencyText(behind + bufferMs)
  return html`<dl class="numbers">
    ${number('Depth', stats?.depth ?? '–', 'Hops between the creator and this browser')}
    ${number('Peers', stats?.peers ?? '–', 'Everyone in this stream, the creator included')}
    ${number('Latency', latency, 'How far the picture is behind the creator, estimated')}
    ${number('Buffer', bufferMs === undefined || !isPlaying ? '–' : latencyText(bufferMs), 'Video received and not yet shown')}
  </dl>`
}

function number(name: string, value: unknown, explanation: string) {
  return html`<div title=${explanation}><dt>${name}</dt><dd>${value}</dd></div>`
}
