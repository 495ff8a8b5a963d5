import { css, html, nothing } from 'lit'

export type NoticeKind = 'info' | 'alarm'

/** A sentence the user should read now, with what to do about it. Alarms interrupt a screen reader, the rest waits. */
export function notice(kind: NoticeKind, sentences: readonly string[], actions: unknown = nothing) {
  return html`<div class="notice ${kind}" role=${kind === 'alarm' ? 'alert' : 'status'}>
    ${sentences.map(sentence => html`<p>${sentence}</p>`)}
    ${actions === nothing ? nothing : html`<div class="actions">${actions}</div>`}
  </div>`
}

export const noticeStyles = css`
  .notice {
    display: grid;
    gap: 10px;
    padding: 16px 18px;
    border: 1px solid var(--line);
    border-left: 4px solid var(--accent);
    border-radius: var(--radius-small);
    background: var(--surface);
    overflow-wrap: anywhere;
  }
  .notice.alarm {
    border-left-color: var(--alarm);
  }
  .notice .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 10px;
    margin-top: 4px;
  }
`
