import { css } from 'lit'

/** What every shadow root starts from: boxes, text, links, controls, focus. Colours are in theme.css. */
export const baseStyles = css`
  *,
  ::before,
  ::after {
    box-sizing: border-box;
  }
  :host {
    display: block;
  }
  [hidden] {
    display: none !important;
  }
  h1,
  h2,
  h3,
  p,
  dl,
  dd,
  ul,
  ol,
  figure,
  fieldset {
    margin: 0;
    padding: 0;
    border: 0;
    min-width: 0;
  }
  ul,
  ol {
    list-style: none;
  }
  h1 {
    font-size: 1.5rem;
    line-height: 1.25;
    font-weight: 650;
    letter-spacing: -0.01em;
    overflow-wrap: anywhere;
  }
  h2 {
    font-size: 1.0625rem;
    line-height: 1.3;
    font-weight: 650;
  }
  a {
    color: var(--accent);
    text-underline-offset: 3px;
  }
  :focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
  }
  h1:focus {
    outline: none;
  }
  .muted {
    color: var(--muted);
  }
  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  svg.icon {
    width: 20px;
    height: 20px;
    flex: none;
    fill: none;
    stroke: currentcolor;
    stroke-width: 1.8;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    ::before,
    ::after {
      animation: none !important;
      transition: none !important;
    }
  }
`

export const buttonStyles = css`
  button,
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    min-height: 44px;
    padding: 0 18px;
    border: 1px solid var(--edge);
    border-radius: var(--radius-small);
    background: var(--raised);
    color: var(--text);
    font: inherit;
    font-weight: 550;
    text-decoration: none;
    cursor: pointer;
  }
  button:hover:not(:disabled),
  .button:hover {
    border-color: var(--text);
  }
  button:disabled {
    opacity: 0.55;
    cursor: not-allowed;
  }
  .primary {
    border-color: var(--accent);
    background: var(--accent);
    color: var(--on-accent);
  }
  .primary:hover:not(:disabled) {
    border-color: #f4cf92;
    background: #f4cf92;
  }
  .danger {
    border-color: var(--live);
    background: var(--live);
    color: #fff;
  }
  .danger:hover:not(:disabled) {
    border-color: #d9493e;
  }
`

export const formStyles = css`
  .field {
    display: grid;
    gap: 6px;
  }
  .field > label,
  legend,
  .legend {
    font-weight: 550;
    font-size: 0.9375rem;
    padding: 0;
  }
  input:not([type]),
  input[type='text'],
  select,
  textarea {
    width: 100%;
    min-height: 44px;
    padding: 9px 12px;
    border: 1px solid var(--edge);
    border-radius: var(--radius-small);
    background: var(--page);
    color: var(--text);
    font: inherit;
  }
  textarea {
    resize: vertical;
  }
  input[type='range'] {
    accent-color: var(--accent);
  }
  .hint {
    color: var(--muted);
    font-size: 0.875rem;
  }
`
