import type { BalanceId } from '../../money/posting.ts'
import type { Command } from '../command.ts'
import { captureOperation } from './capture.ts'
import { holdOperation } from './hold.ts'
import type { Moment, Resolution, Subject, SubjectName } from './operation.ts'
import { postOperation } from './post.ts'
import { releaseOperation } from './release.ts'
import { reverseOperation } from './reverse.ts'

/** Every command with its operation. A new one is a file beside this one and a case in each of these. */

export function subjectOf(command: Command): SubjectName {
  switch (command.type) {
    case 'HOLD':
      return holdOperation.subject(command)
    case 'CAPTURE':
      return captureOperation.subject(command)
    case 'VOID':
    case 'EXPIRE':
      return releaseOperation.subject(command)
    case 'REVERSE':
      return reverseOperation.subject(command)
    default:
      return postOperation.subject(command)
  }
}

export function touchedBy(command: Command, subject: Subject): readonly BalanceId[] {
  switch (command.type) {
    case 'HOLD':
      return holdOperation.touched(command, subject)
    case 'CAPTURE':
      return captureOperation.touched(command, subject)
    case 'VOID':
    case 'EXPIRE':
      return releaseOperation.touched(command, subject)
    case 'REVERSE':
      return reverseOperation.touched(command, subject)
    default:
      return postOperation.touched(command, subject)
  }
}

export function resolve(command: Command, subject: Subject, moment: Moment): Resolution {
  switch (command.type) {
    case 'HOLD':
      return holdOperation.resolve(command, subject, moment)
    case 'CAPTURE':
      return captureOperation.resolve(command, subject, moment)
    case 'VOID':
    case 'EXPIRE':
      return releaseOperation.resolve(command, subject, moment)
    case 'REVERSE':
      return reverseOperation.resolve(command, subject, moment)
    default:
      return postOperation.resolve(command, subject, moment)
  }
}
