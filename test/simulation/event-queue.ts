/** What is to happen, by time; of what happens at one time, by lot. */
export interface EventQueue<Event extends Timed> {
  readonly push: (event: Event) => void
  readonly pop: () => Event | undefined
  readonly first: () => Event | undefined
}

export interface Timed {
  readonly atUs: number
  /** Decides between events of one time. */
  readonly lot: number
}

/** A binary heap. */
export function createEventQueue<Event extends Timed>(): EventQueue<Event> {
  const heap: Event[] = []

  function rise(event: Event): void {
    let place = heap.length - 1
    while (place > 0) {
      const above = (place - 1) >> 1
      const parent = heap[above]
      if (!parent || !isBefore(event, parent)) break
      heap[place] = parent
      place = above
    }
    heap[place] = event
  }

  function sink(event: Event): void {
    let place = 0
    for (;;) {
      const left = 2 * place + 1
      const earlier = earlierOf(heap, left)
      const child = heap[earlier]
      if (!child || !isBefore(child, event)) break
      heap[place] = child
      place = earlier
    }
    heap[place] = event
  }

  return {
    first: () => heap[0],
    push(event) {
      heap.push(event)
      rise(event)
    },
    pop() {
      const [first] = heap
      const last = heap.pop()
      if (last && heap.length > 0) sink(last)
      return first
    },
  }
}

function earlierOf<Event extends Timed>(heap: readonly Event[], left: number): number {
  const [a, b] = [heap[left], heap[left + 1]]
  return a && b && isBefore(b, a) ? left + 1 : left
}

function isBefore(a: Timed, b: Timed): boolean {
  return a.atUs === b.atUs ? a.lot < b.lot : a.atUs < b.atUs
}
