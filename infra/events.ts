import { CfnOutput } from 'aws-cdk-lib'
import { EventBus } from 'aws-cdk-lib/aws-events'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { Construct } from 'constructs'
import type { Stage } from './settings.ts'

/** Who tells the events of a stage; rules find them by it. */
export function eventSource(stage: Stage): string {
  return `strongbox/${stage}`
}

/** Named by us, as CloudFormation wants it of buses: this is the name that others write into their rules. */
export function createEventBus(scope: Construct, stage: Stage): EventBus {
  const bus = new EventBus(scope, 'Events', {
    eventBusName: `strongbox-${stage}`,
    description: 'What happened in Strongbox',
  })
  new CfnOutput(scope, 'EventBusName', { value: bus.eventBusName })
  return bus
}

export function publishingAccess({ eventBusArn }: Pick<EventBus, 'eventBusArn'>): PolicyStatement {
  return new PolicyStatement({ actions: ['events:PutEvents'], resources: [eventBusArn] })
}
