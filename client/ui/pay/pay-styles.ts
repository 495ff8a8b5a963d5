import { css } from 'lit'

/** Figures, cards and rows that all pages about money share. */
export const payStyles = css`
  .card {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 16px;
    padding: 18px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--surface);
  }
  .figures {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(max(134px, 11vw), 100%), 1fr));
    gap: 12px clamp(12px, 2vw, 24px);
    font-variant-numeric: tabular-nums;
  }
  .figures dt {
    color: var(--muted);
    font-size: 0.8125rem;
  }
  .figures dd {
    font-weight: 600;
    overflow-wrap: anywhere;
  }
  .figures dd small {
    display: block;
    color: var(--muted);
    font-size: 0.8125rem;
    font-weight: 400;
  }
  .figures .wide {
    grid-column: 1 / -1;
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    gap: 10px;
    align-items: center;
  }
  .words {
    display: grid;
    gap: 8px;
    max-width: 76ch;
  }
  .words.small {
    color: var(--muted);
    font-size: 0.9375rem;
  }
  .play-money {
    display: inline-block;
    justify-self: start;
    padding: 1px 10px;
    border: 1px solid var(--accent);
    border-radius: 99px;
    color: var(--accent);
    font-size: 0.8125rem;
    font-weight: 600;
    white-space: nowrap;
  }
  code.account {
    font-family: var(--mono);
    font-size: 0.875em;
    overflow-wrap: anywhere;
  }
`
