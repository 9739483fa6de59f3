import { type App, Validations } from 'aws-cdk-lib'
import { AwsSolutionsChecks } from 'cdk-nag'
import type { IConstruct } from 'constructs'

/** Nothing is synthesized that goes against what AWS advises, unless it is said beside it why. */
export function checkByRulesOfAws(app: App): void {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
}

/** A rule that something breaks, and why that is right here. It holds for all that is inside, too. */
export function breaksRule(construct: IConstruct, rule: string, because: string): void {
  Validations.of(construct).acknowledge({ id: `AwsSolutions-${rule}`, reason: because })
}
