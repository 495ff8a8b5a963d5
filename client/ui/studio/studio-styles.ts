import { css } from 'lit'

export const studioStyles = css`
  :host {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 18px;
  }
  .columns {
    display: grid;
    grid-template-columns: minmax(0, 1fr) minmax(340px, 420px);
    gap: clamp(20px, 3vw, 40px);
    align-items: start;
  }
  @media (max-width: 880px) {
    .columns {
      grid-template-columns: minmax(0, 1fr);
    }
  }
  .stage {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 14px;
  }
  .side {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 18px;
    padding: 20px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--surface);
  }
  .preview {
    position: relative;
    display: grid;
    place-items: center;
    aspect-ratio: 16 / 9;
    max-height: calc(100dvh - 220px);
    width: 100%;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: #000;
    overflow: hidden;
  }
  .preview video {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    object-fit: contain;
  }
  .preview button {
    max-width: calc(100% - 32px);
    padding: 8px 18px;
  }
  .badge {
    position: absolute;
    top: 12px;
    left: 12px;
    padding: 2px 12px;
    border-radius: 6px;
    background: var(--live);
    color: #fff;
    font-size: 0.875rem;
    font-weight: 650;
  }
  .live-controls {
    display: flex;
    flex-wrap: wrap;
    gap: 10px;
  }
  .live-controls .danger {
    margin-left: auto;
  }
  .live-controls [aria-pressed='true'] {
    border-color: var(--accent);
    color: var(--accent);
  }
`
