/** What functions write while they work. Deployed, each line is an event in their log. */
export async function overheard<Result>(
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly lines: readonly string[] }> {
  const chunks: string[] = []
  const streams = [process.stdout, process.stderr]
  const writes = streams.map((stream) => stream.write)
  for (const stream of streams) {
    stream.write = (chunk: string | Uint8Array): boolean => {
      chunks.push(String(chunk))
      return true
    }
  }
  try {
    const result = await work()
    return { result, lines: chunks.join('').split('\n').filter(Boolean) }
  } finally {
    for (const [index, stream] of streams.entries()) {
      const write = writes[index]
      if (write) stream.write = write
    }
  }
}
