/** The package has no types. This is what we use of it. */
declare module 'openapi-to-postmanv2' {
  type Json = Readonly<Record<string, unknown>>

  interface Conversion {
    readonly result: boolean
    readonly reason?: string
    readonly output?: readonly { readonly data: Json & { readonly info: Json } }[]
  }

  interface Converter {
    convertV2(
      input: { readonly type: 'json'; readonly data: unknown },
      options: Json,
      callback: (error: Error | null, conversion: Conversion) => void,
    ): void
  }

  const converter: Converter
  export default converter
}
