import { css, html, LitElement } from 'lit'
import { baseStyles, buttonStyles } from '../parts/base-styles.ts'
import { countText } from '../quantity.ts'

/** "You are live": asked before the page that carries a stream goes away. */
export class VkLeaveDialog extends LitElement {
  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      dialog {
        width: min(440px, calc(100vw - 32px));
        padding: 24px;
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--surface);
        color: var(--text);
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 60%);
      }
      p {
        margin: 10px 0 20px;
        color: var(--muted);
      }
      form {
        display: flex;
        flex-wrap: wrap;
        justify-content: end;
        gap: 10px;
      }
    `,
  ]

  #viewers = 0

  /** Resolves true when the user would rather end the stream and go. */
  async ask(viewers: number): Promise<boolean> {
    this.#viewers = viewers
    this.requestUpdate()
    await this.updateComplete
    const dialog = this.renderRoot.querySelector('dialog')
    if (dialog === null) return true
    if (dialog.open) return false
    dialog.returnValue = ''
    dialog.showModal()
    await new Promise(resolve => dialog.addEventListener('close', resolve, { once: true }))
    return dialog.returnValue === 'leave'
  }

  override render() {
    return html`<dialog aria-labelledby="question" aria-describedby="consequence">
      <h2 id="question">You are live. End the stream?</h2>
      <p id="consequence">Leaving this page ends the stream for ${countText(this.#viewers, 'viewer')}.</p>
      <form method="dialog">
        <button value="stay" autofocus>Stay live</button>
        <button value="leave" class="danger">End stream and leave</button>
      </form>
    </dialog>`
  }
}

export function defineLeaveDialog(): void {
  if (customElements.get('vk-leave-dialog') === undefined)
    customElements.define('vk-leave-dialog', VkLeaveDialog)
}
