export interface TableColumn {
  readonly title: string
  readonly align?: 'left' | 'right'
}

/** Rows under their titles, in columns as wide as they need. */
export function formatTable(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, index) => Math.max(column.title.length, ...rows.map((row) => row[index]!.length)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => (columns[index]!.align === 'right' ? cell.padStart(widths[index]!) : cell.padEnd(widths[index]!)))
      .join('  ')
      .trimEnd()
  return [line(columns.map((column) => column.title)), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line)].join('\n')
}

/** 1234567 as `1,234,567`; nothing for 0, so that what is there stands out. */
export function formatCount(count: number): string {
  return count === 0 ? '·' : Math.round(count).toLocaleString('en-US')
}

/** 1234567 as `1.2 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1000 ** power
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]!}`
}

/** A length of time, to two units at most: `3 d 4 h`, `5 min`, `12 s`. */
export function formatDuration(ms: number): string {
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
  ] as const
  const index = units.findIndex(([, size]) => ms >= size)
  if (index === -1) return `${Math.round(ms)} ms`
  const [unit, size] = units[index]!
  const rest = units[index + 1]
  const whole = Math.floor(ms / size)
  const left = rest ? Math.floor((ms - whole * size) / rest[1]) : 0
  return left && rest ? `${whole} ${unit} ${left} ${rest[0]}` : `${whole} ${unit}`
}
