import { css, html, LitElement, unsafeCSS } from 'lit'
import uPlot from 'uplot'
import uPlotCss from 'uplot/dist/uPlot.min.css?inline'
import type { IncomePoint } from '../../engine/earn/earnings-contract.ts'
import { baseStyles } from '../parts/base-styles.ts'
import { type MoneyUnit, moneyText } from '../pay/money-text.ts'

const HEIGHT_PX = 170

/** Income over time, a bar a span. */
export class VkIncomeGraph extends LitElement {
  static override properties = { points: { attribute: false }, unit: { attribute: false } }

  /** Oldest first. */
  declare points: readonly IncomePoint[]
  declare unit: MoneyUnit

  static override styles = [
    baseStyles,
    unsafeCSS(uPlotCss),
    css`
      .graph {
        min-height: ${HEIGHT_PX}px;
        overflow: hidden;
      }
    `,
  ]

  #plot: uPlot | undefined
  readonly #resized = new ResizeObserver(() => this.#fit())

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#resized.disconnect()
    this.#plot?.destroy()
    this.#plot = undefined
  }

  override render() {
    return html`<div class="graph" role="img" aria-label=${this.#words()}></div>`
  }

  override updated(): void {
    const box = this.renderRoot.querySelector<HTMLElement>('.graph')
    if (box === null) return
    if (this.#plot === undefined) {
      this.#plot = new uPlot(this.#options(box.clientWidth), this.#data(), box)
      this.#resized.observe(box)
    } else this.#plot.setData(this.#data())
  }

  #fit(): void {
    const width = this.renderRoot.querySelector<HTMLElement>('.graph')?.clientWidth ?? 0
    if (width > 0 && this.#plot !== undefined && this.#plot.width !== width)
      this.#plot.setSize({ width, height: HEIGHT_PX })
  }

  /** A picture is rough by nature: here, and only here, planck become a number that rounds. */
  #data(): uPlot.AlignedData {
    const scale = 10 ** this.unit.decimals
    return [
      this.points.map(({ atMs }) => atMs / 1_000),
      this.points.map(({ planck }) => Number(planck) / scale),
    ]
  }

  #options(width: number): uPlot.Options {
    const style = getComputedStyle(this)
    const colour = (name: string) => style.getPropertyValue(name).trim()
    const axis = {
      stroke: colour('--muted'),
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { stroke: colour('--line'), width: 1 },
    }
    const stepped = uPlot.paths.stepped?.({ align: 1 })
    return {
      width: Math.max(1, width),
      height: HEIGHT_PX,
      legend: { show: false },
      cursor: { show: false },
      scales: { y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.1 : 1] } },
      axes: [
        axis,
        // Small amounts have many digits: none of them is rounded away between two marks.
        {
          ...axis,
          size: 72,
          values: (_plot, marks) => marks.map(mark => String(Number(mark.toPrecision(4)))),
        },
      ],
      series: [
        {},
        {
          stroke: colour('--accent'),
          fill: `color-mix(in srgb, ${colour('--accent')} 30%, transparent)`,
          width: 1.5,
          ...(stepped !== undefined && { paths: stepped }),
          points: { show: false },
        },
      ],
    }
  }

  #words(): string {
    const total = this.points.reduce((sum, { planck }) => sum + planck, 0n)
    const [first] = this.points
    const minutes = first === undefined ? 0 : Math.round((Date.now() - first.atMs) / 60_000)
    return `Income of the last ${minutes} min: ${moneyText(total, this.unit)}`
  }
}

export function defineIncomeGraph(): void {
  if (customElements.get('vk-income-graph') === undefined)
    customElements.define('vk-income-graph', VkIncomeGraph)
}
