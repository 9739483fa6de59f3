import type { IRestApi, RestApi } from 'aws-cdk-lib/aws-apigateway'
import type { Alias, IFunction, IVersion, Version } from 'aws-cdk-lib/aws-lambda'

/**
 * Some classes of the CDK say `undefined` where the interfaces that they implement leave a member out. This project's
 * compiler knows these as two things, so here, and nowhere else, it is told that they are what they are.
 */

export function asFunction(alias: Alias): IFunction {
  return alias as IFunction
}

export function asVersion(version: Version): IVersion {
  return version as IVersion
}

export function asRestApi(api: RestApi): IRestApi {
  return api as IRestApi
}
