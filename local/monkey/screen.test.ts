import { expect, test } from 'vitest'
import { openScreen } from './screen.ts'

function open(isTTY: boolean, columns = 80) {
  const written: string[] = []
  const screen = openScreen({ isTTY, columns, write: (text) => written.push(text) })
  return { screen, written }
}

const ESCAPE = '\u001b'

test('on a terminal, what was shown is taken away before more is shown, and at last', () => {
  const { screen, written } = open(true)

  screen.show(['one', 'two'], '')
  screen.show(['three'], '')
  screen.clear()

  expect(written).toEqual([
    `${ESCAPE}[?25lone\ntwo\n`,
    `${ESCAPE}[?25l${ESCAPE}[2A\r${ESCAPE}[0Jthree\n`,
    `${ESCAPE}[1A\r${ESCAPE}[0J${ESCAPE}[?25h`,
  ])
})

test('a line that is too long for the terminal is cut, so that it stays one', () => {
  const { screen, written } = open(true, 10)

  screen.show([`${ESCAPE}[1m0123456789${ESCAPE}[22m`, 'short'], '')

  expect(written).toEqual([`${ESCAPE}[?25l012345678\nshort\n`])
})

test('what changes faster than anybody sees is not drawn', () => {
  const { screen, written } = open(true)

  for (let percent = 0; percent < 100; percent += 1) screen.show([`${percent}`], '')

  expect(written.length).toBeLessThan(100)
})

test('into a file goes a line now and then, and not at once', () => {
  const { screen, written } = open(false)

  screen.show(['drawn'], 'a line')
  screen.clear()

  expect(written).toEqual([])
})
