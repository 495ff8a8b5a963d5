import { html, type SVGTemplateResult, svg } from 'lit'

function icon(shape: SVGTemplateResult) {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${shape}</svg>`
}

/** Decorative: the control that holds one carries its name in text or aria-label. */
export const icons = {
  play: icon(svg`<path d="M7 5.5v13l11-6.5z"/>`),
  pause: icon(svg`<path d="M8 5.5v13M16 5.5v13"/>`),
  sound: icon(
    svg`<path d="M4 9.5v5h3.5l4.5 4v-13l-4.5 4zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11"/>`,
  ),
  muted: icon(svg`<path d="M4 9.5v5h3.5l4.5 4v-13l-4.5 4zM16 9.5l5 5M21 9.5l-5 5"/>`),
  fullscreen: icon(svg`<path d="M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5"/>`),
  exitFullscreen: icon(svg`<path d="M9 4v5H4M15 4v5h5M9 20v-5H4M15 20v-5h5"/>`),
  fit: icon(svg`<path d="M3 6h18v12H3zM7 12h10M9.5 9.5 7 12l2.5 2.5M14.5 9.5 17 12l-2.5 2.5"/>`),
  camera: icon(svg`<path d="M3 7h12v10H3zM15 11l6-3.5v9L15 13"/>`),
  cameraOff: icon(svg`<path d="M3 7h12v10H3zM15 11l6-3.5v9L15 13M3 3l18 18"/>`),
  microphone: icon(
    svg`<path d="M12 3.5a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0v-5a3 3 0 0 1 3-3zM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3"/>`,
  ),
  microphoneOff: icon(
    svg`<path d="M12 3.5a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0v-5a3 3 0 0 1 3-3zM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3M3 3l18 18"/>`,
  ),
  lock: icon(svg`<path d="M5.5 10.5h13V20h-13zM8.5 10.5V7.5a3.5 3.5 0 0 1 7 0v3M12 14.5v2"/>`),
  copy: icon(svg`<path d="M9 9h11v11H9zM15 9V4H4v11h5"/>`),
  stop: icon(svg`<path d="M6.5 6.5h11v11h-11z"/>`),
  viewers: icon(
    svg`<path d="M2.5 12C5 7.5 8.2 5.5 12 5.5s7 2 9.5 6.5c-2.5 4.5-5.7 6.5-9.5 6.5S5 16.5 2.5 12z"/><circle cx="12" cy="12" r="3"/>`,
  ),
} as const

/** An eye whose pupil sends to three others: the creator and the first relays. */
export const logo = html`<svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
  <g fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round">
    <path d="M3.5 16C7 10.3 11.2 7.5 16 7.5S25 10.3 28.5 16C25 21.7 20.8 24.5 16 24.5S7 21.7 3.5 16Z" />
    <path d="M16 16 9.3 16M16 16l6-3.2M16 16l6 3.2" />
  </g>
  <g fill="currentColor">
    <circle cx="16" cy="16" r="3.6" />
    <circle cx="9.3" cy="16" r="1.7" />
    <circle cx="22" cy="12.8" r="1.7" />
    <circle cx="22" cy="19.2" r="1.7" />
  </g>
</svg>`
