import { html, nothing } from 'lit'

/** One figure of a `<dl class="figures">`. */
export function figure(name: string, value: unknown, note?: string) {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}${note === undefined ? nothing : html`<small>${note}</small>`}</dd>
  </div>`
}
