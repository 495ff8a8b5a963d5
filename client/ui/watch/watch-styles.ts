import { css } from 'lit'

export const watchStyles = css`
  .watching {
    display: grid;
    gap: var(--gap);
    grid-template-columns: minmax(0, 1fr);
    /* As wide as leaves room below the picture for what is written about it. */
    max-width: max(480px, calc((100dvh - 290px) * 16 / 9));
    margin: 0 auto;
  }
  .page {
    display: grid;
    gap: 16px;
    max-width: 720px;
  }
  .head {
    display: flex;
    flex-wrap: wrap;
    align-items: start;
    justify-content: space-between;
    gap: 12px 32px;
  }
  .about {
    flex: 1 1 320px;
    min-width: 0;
  }
  .state {
    display: flex;
    align-items: baseline;
    gap: 9px;
    margin-top: 4px;
    color: var(--muted);
  }
  .state::before {
    content: '';
    flex: none;
    width: 9px;
    height: 9px;
    border-radius: 50%;
    background: var(--edge);
  }
  .state.good::before {
    background: var(--good);
  }
  .state.busy::before {
    background: var(--accent);
  }
  .numbers {
    display: grid;
    grid-template-columns: repeat(4, minmax(3.9rem, auto));
    gap: 10px clamp(10px, 2.5vw, 28px);
    font-variant-numeric: tabular-nums;
  }
  .numbers dt {
    color: var(--muted);
    font-size: 0.8125rem;
  }
  .numbers dd {
    font-size: 1.0625rem;
    font-weight: 600;
  }
  .description {
    display: grid;
    gap: 8px;
    max-width: 72ch;
  }
  .description:empty {
    display: none;
  }
  .description .text {
    white-space: pre-line;
    overflow-wrap: anywhere;
  }
  .category {
    justify-self: start;
    padding: 1px 12px;
    border: 1px solid var(--line);
    border-radius: 99px;
    background: var(--surface);
    color: var(--muted);
    font-size: 0.875rem;
  }
`
