/**
 * The places of a document that a command fills in, as in `<!-- bench: units -->` … `<!-- /bench -->`. What is between
 * them is the command's, and all else is somebody's words.
 */

/** Fills in those that there is a text for, and leaves the others as they are. */
export function fillPlaces(
  document: string,
  command: string,
  texts: Readonly<Record<string, string>>,
): string {
  return document.replaceAll(pattern(command), (whole, start, name, end) => {
    const text = texts[name]
    return text === undefined ? whole : `${start}\n${text}\n\n${end}`
  })
}

export function placesIn(document: string, command: string): string[] {
  return Array.from(document.matchAll(pattern(command)), ([, , name = '']) => name)
}

function pattern(command: string): RegExp {
  return new RegExp(`(<!-- ${command}: ([\\w-]+) -->\\n)[\\s\\S]*?(<!-- /${command} -->)`, 'g')
}
