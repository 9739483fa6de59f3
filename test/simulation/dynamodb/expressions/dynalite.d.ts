/** As much of dynalite's parsers as is used here: they have no types of their own. */

declare module 'dynalite/db/conditionParser.js' {
  const parser: import('./syntax.ts').Parser<import('./syntax.ts').ConditionSyntax>
  export default parser
}

declare module 'dynalite/db/updateParser.js' {
  const parser: import('./syntax.ts').Parser<import('./syntax.ts').UpdateSyntax>
  export default parser
}

declare module 'dynalite/db/projectionParser.js' {
  const parser: import('./syntax.ts').Parser<import('./syntax.ts').ProjectionSyntax>
  export default parser
}
