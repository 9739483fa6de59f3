import * as z from 'zod'

/** Of a template, what says who may do what. */

const oneOrMore = z.union([z.string().transform((one) => [one]), z.array(z.string())])
const statement = z.object({
  Effect: z.string(),
  Action: oneOrMore,
  Resource: z.unknown(),
  Principal: z.unknown().optional(),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
})
const document = z.object({ Statement: z.array(statement) })
const reference = z.object({ Ref: z.string() }).transform(({ Ref }) => Ref)

export const POLICY = z.object({ Roles: z.array(reference), PolicyDocument: document })
export const ROLE = z.object({
  AssumeRolePolicyDocument: z.object({
    Statement: z.array(z.object({ Principal: z.object({ Service: z.string() }) })),
  }),
  ManagedPolicyArns: z.array(z.unknown()).default([]),
  Policies: z.unknown().optional(),
})
export const FUNCTION = z.object({
  Role: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }),
  Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
})

export type Statement = z.output<typeof statement>

/** As CloudFormation gets it. */
export interface CloudFormationTemplate {
  readonly Resources: Readonly<Record<string, { Type: string; Properties?: unknown }>>
  readonly Outputs?: Readonly<Record<string, { Value: unknown; Export?: { Name: string } }>>
}

export function resourcesOf<Properties>(
  { Resources }: CloudFormationTemplate,
  type: string,
  schema: z.ZodType<Properties>,
): [string, Properties][] {
  return Object.entries(Resources)
    .filter(([, { Type }]) => Type === type)
    .map(([id, { Properties }]) => [id, schema.parse(Properties)])
}
