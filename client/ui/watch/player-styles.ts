import { css } from 'lit'

export const playerStyles = css`
  .frame {
    position: relative;
    display: grid;
    aspect-ratio: 16 / 9;
    max-height: calc(100dvh - 120px);
    width: 100%;
    border-radius: var(--radius);
    background: #000;
    overflow: hidden;
  }
  .frame.full {
    max-height: none;
    border-radius: 0;
  }
  .frame.idle:not(:has(:focus-visible)) {
    cursor: none;
  }
  .picture {
    position: absolute;
    inset: 0;
  }
  .picture canvas {
    display: block;
    width: 100%;
    height: 100%;
    object-fit: contain;
  }
  .cover .picture canvas {
    object-fit: cover;
  }
  .overlay {
    position: absolute;
    inset: 0;
    display: grid;
    place-content: center;
    justify-items: center;
    gap: 14px;
    padding: 16px 16px 64px;
    background: rgb(10 12 16 / 86%);
    text-align: center;
    text-wrap: balance;
    font-size: 1.0625rem;
  }
  .overlay.locked {
    background: linear-gradient(160deg, rgb(32 39 49 / 96%), rgb(10 12 16 / 96%));
  }
  .spinner {
    width: 34px;
    height: 34px;
    border: 3px solid var(--edge);
    border-top-color: var(--accent);
    border-radius: 50%;
    animation: turn 1s linear infinite;
  }
  @keyframes turn {
    to {
      rotate: 1turn;
    }
  }
  .gesture {
    position: absolute;
    left: 50%;
    top: 50%;
    translate: -50% -50%;
    box-shadow: 0 4px 24px rgb(0 0 0 / 50%);
  }
  .controls {
    position: absolute;
    inset: auto 0 0 0;
    display: flex;
    align-items: center;
    gap: 4px;
    padding: 28px 10px 8px;
    background: linear-gradient(transparent, rgb(0 0 0 / 78%));
    transition: opacity 150ms;
  }
  .idle .controls:not(:has(:focus-visible)) {
    opacity: 0;
  }
  .controls button {
    width: 44px;
    padding: 0;
    border-color: transparent;
    background: none;
    color: #fff;
  }
  .controls button:hover:not(:disabled) {
    border-color: transparent;
    background: rgb(255 255 255 / 16%);
  }
  .controls button[aria-pressed='true'] {
    color: var(--accent);
  }
  .controls input {
    width: clamp(64px, 18vw, 110px);
    margin: 0 8px 0 2px;
    height: 44px;
  }
  .live {
    display: inline-flex;
    align-items: center;
    gap: 7px;
    color: #fff;
    font-size: 0.875rem;
    font-weight: 600;
  }
  .live::before {
    content: '';
    width: 8px;
    height: 8px;
    border-radius: 50%;
    background: #ff6a5c;
  }
  .space {
    flex: 1;
  }
`
