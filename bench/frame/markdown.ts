const NUMBER = /^[\d.,*]*$/

/** A table in which numbers stand one below the other. */
export function markdown(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const isOfNumbers = (column: number) => rows.every((row) => NUMBER.test(row[column] ?? ''))
  const rule = headers.map((_, column) => (isOfNumbers(column) ? '---:' : '---'))
  return [line(headers), line(rule), ...rows.map(line)].join('\n')
}
