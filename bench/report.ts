/** One line of a table: a name and its cells, already in words. */
export type Row = readonly string[]

/** Prints columns padded to their widest cell; the first is left-aligned, the rest right-aligned. */
export function printTable(head: Row, rows: readonly Row[]): void {
  const widths = head.map((title, column) =>
    Math.max(...[head, ...rows].map(row => (row[column] ?? '').length), title.length),
  )
  const line = (row: Row): string =>
    widths
      .map((width, column) =>
        column === 0 ? (row[column] ?? '').padEnd(width) : (row[column] ?? '').padStart(width),
      )
      .join('  ')
      .trimEnd()
  console.log(line(head))
  console.log(widths.map(width => '─'.repeat(width)).join('  '))
  for (const row of rows) console.log(line(row))
}

/** The machine-readable result: one object, the last line of the output, when `--json` was given. */
export function printJson(isWanted: boolean | undefined, result: Readonly<Record<string, unknown>>): void {
  if (isWanted === true) console.log(JSON.stringify(result))
}

/** `digits` after the point, without trailing zeros; an em dash for what was not measured. */
export function num(value: number | undefined, digits = 1): string {
  return value === undefined || !Number.isFinite(value) ? '—' : String(Number(value.toFixed(digits)))
}

/** Rounded for JSON; `null` where nothing was measured, so that a missing figure cannot pass for 0. */
export function rounded(value: number | undefined, digits = 3): number | null {
  return value === undefined || !Number.isFinite(value) ? null : Number(value.toFixed(digits))
}
