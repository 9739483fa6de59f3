import { type DomainEvent, eventsOfStep } from './events.ts'
import type { Projector } from './projector.ts'

/**
 * Takes events over, for good: when it is done, none of them can be lost. When it fails, some may have been taken,
 * and all of them come again.
 */
export type Publisher = (events: readonly DomainEvent[]) => Promise<void>

export const publishNothing: Publisher = async () => {}

export function publishToAll(publishers: readonly Publisher[]): Publisher {
  return async (events) => {
    await Promise.all(publishers.map((publish) => publish(events)))
  }
}

/** What a projector tells, as events. */
export function tellPublisher(source: string, publish: Publisher): Projector['tell'] {
  return (step, entries) => publish(eventsOfStep(source, step, entries))
}
