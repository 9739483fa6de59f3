import { App } from 'aws-cdk-lib'
import { checkByRulesOfAws } from './rules-of-aws.ts'
import { readSettings } from './settings.ts'
import { buildStrongbox } from './strongbox.ts'

const app = new App()
const read = readSettings(app.node.getAllContext())
if (read.kind === 'refused') {
  for (const sentence of read.sentences) console.error(sentence)
  process.exit(1)
}
buildStrongbox(app, read.settings)
checkByRulesOfAws(app)
