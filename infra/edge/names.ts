import { CfnOutput } from 'aws-cdk-lib'
import { CfnApiMapping, DomainName, SecurityPolicy } from 'aws-cdk-lib/aws-apigatewayv2'
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager'
import { Construct } from 'constructs'
import type { DomainSettings } from '../settings.ts'
import type { Door, Doors } from './door.ts'

/**
 * Names of one's own for doors. They stand beside the doors and not in them: a name that came with its door would be
 * made a second time when another door gets it, before the first one is gone, and AWS has each name once. So with
 * another edge, or a first issuer, a name stays what it is, and leads elsewhere.
 */
export function createNames(
  parent: Construct,
  { domainName, signedDomainName, certificateArn }: DomainSettings,
  doors: Doors,
): void {
  const scope = new Construct(parent, 'Names')
  const certificate = Certificate.fromCertificateArn(scope, 'Certificate', certificateArn)

  const lead = (id: string, name: string, door: Door) => {
    const domain = new DomainName(scope, id, {
      domainName: name,
      certificate,
      securityPolicy: SecurityPolicy.TLS_1_2,
    })
    const mapping = new CfnApiMapping(scope, `${id}Mapping`, {
      apiId: door.apiId,
      domainName: domain.name,
      stage: door.stageName,
    })
    mapping.node.addDependency(door)
    new CfnOutput(parent, `${id}Target`, {
      description: `What ${name} has to be a CNAME of`,
      value: domain.regionalDomainName,
    })
  }
  const { token, signature, rest } = doors
  const main = rest ?? token ?? signature
  if (!main) throw new Error('there is no door that could have a name')
  lead('DomainName', domainName, main)
  if (signedDomainName !== undefined && signature)
    lead('SignedDomainName', signedDomainName, signature)
}
