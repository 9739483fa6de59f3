import { App } from 'aws-cdk-lib'
import { isStage, STAGES } from './stage.ts'
import { buildStrongbox } from './strongbox.ts'

const app = new App()
const stage: unknown = app.node.tryGetContext('stage') ?? 'dev'
if (!isStage(stage)) {
  console.error(`There is no stage "${stage}". Say -c stage=${STAGES.join(' or -c stage=')}.`)
  process.exit(1)
}
buildStrongbox(app, stage)
