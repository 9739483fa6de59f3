import { dot, lineY, plot, ruleY, selectLast, text } from '@observablehq/plot'
import { parseHTML } from 'linkedom'

export interface Curves {
  readonly title: string
  readonly xLabel: string
  readonly yLabel: string
  readonly curves: readonly Curve[]
}

export interface Curve {
  readonly name: string
  readonly points: readonly Point[]
}

interface Point {
  readonly x: number
  readonly y: number
}

const WIDTH = 720
const HEIGHT = 400
/** Where the names of the curves stand. */
const RIGHT = 110
const LEFT = 56
const SVG = 'http://www.w3.org/2000/svg'

/** Both axes from zero, so that what is twice as much looks it. The names stand beside the ends. */
export function drawCurves({ title, xLabel, yLabel, curves }: Curves): string {
  const rows = curves.flatMap(({ name, points }) => points.map((point) => ({ name, ...point })))
  const { document } = parseHTML('<html><body></body></html>')
  const drawn = plot({
    document,
    ariaLabel: title,
    ...{ width: WIDTH, height: HEIGHT, marginRight: RIGHT, marginLeft: LEFT, grid: true },
    // In a dark page, too, it is black on white.
    style: { background: 'white', color: 'black' },
    x: { label: xLabel },
    y: { label: yLabel },
    marks: [
      ruleY([0]),
      lineY(rows, { x: 'x', y: 'y', stroke: 'name' }),
      // Not as markers of the line: those are numbered by how many were drawn before.
      dot(rows, { x: 'x', y: 'y', fill: 'name' }),
      text(
        rows,
        selectLast({ x: 'x', y: 'y', z: 'name', text: 'name', dx: 8, textAnchor: 'start' }),
      ),
    ],
  })
  drawn.setAttribute('xmlns', SVG)
  return `${drawn.outerHTML}\n`
}
