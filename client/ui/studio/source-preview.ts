import { html, nothing } from 'lit'
import { icons } from '../parts/icons.ts'
import type { SourceKind } from './studio-settings.ts'

export type SourcePreview = {
  readonly stream: MediaStream | undefined
  readonly isOpening: boolean
  readonly isLive: boolean
  readonly kind: SourceKind
  open(): void
}

/** What is on, or the button that opens it. */
export function sourcePreview({ stream, isOpening, isLive, kind, open }: SourcePreview) {
  return html`<figure class="preview">
    <video
      .muted=${true}
      playsinline
      autoplay
      aria-label="Preview of what you stream"
      .srcObject=${stream ?? null}
      ?hidden=${stream === undefined}
    ></video>
    ${isLive ? html`<span class="badge">Live</span>` : nothing}
    ${stream === undefined ? opener(kind, isOpening, open) : nothing}
  </figure>`
}

function opener(kind: SourceKind, isOpening: boolean, open: () => void) {
  if (isOpening) return html`<p class="muted" role="status">Opening the source…</p>`
  switch (kind) {
    case 'camera':
      return html`<button type="button" @click=${open}>${icons.camera} Turn on camera and microphone</button>`
    case 'screen':
      return html`<button type="button" @click=${open}>Choose what to share</button>`
    case 'file':
      return html`<p class="muted">Choose a video file to see it here.</p>`
    case 'test-pattern':
      return html`<button type="button" @click=${open}>Show the test pattern</button>`
    default:
      return kind satisfies never
  }
}
