import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deployedWithEverything } from './deployed.ts'
import { privilegesDocument } from './document.ts'

const FILE = join(import.meta.dirname, '../../docs/privileges.md')

if (process.argv.length > 2) {
  console.log('Writes docs/privileges.md, from what would be deployed. It has no options.')
} else {
  writeFileSync(FILE, privilegesDocument(deployedWithEverything()))
  console.log('Who may do what is in docs/privileges.md.')
}
