/** Why something did not work, in the words of the person who sees it. Stable: a page may translate by it. */
export type FailureKind =
  | 'microphone-denied'
  | 'microphone-missing'
  | 'microphone-busy'
  | 'microphone-unanswered'
  | 'insecure-page'
  | 'browser-unsupported'
  | 'media-failed'
  | 'media-lost'
  | 'connection-lost'
  | 'server-unreachable'
  | 'wrong-credentials'
  | 'forbidden'
  | 'bad-number'
  | 'not-found'
  | 'busy'
  | 'declined'
  | 'no-answer'
  | 'unavailable'
  | 'no-common-codec'
  | 'too-many-calls'
  | 'service-unavailable'
  | 'server-error'
  | 'rejected';

/** English; used when the server sent no sentence of its own in a Reason header. */
export const FAILURE_SENTENCES: Readonly<Record<FailureKind, string>> = {
  'microphone-denied':
    'The browser is not allowed to use the microphone. Click the icon to the left of the address, allow the microphone for this site, and call again.',
  'microphone-missing':
    'No microphone was found. Plug one in, or switch it on in the sound settings of this computer, and call again.',
  'microphone-busy':
    'The microphone cannot be opened. Another program may be using it: close that program and call again.',
  'microphone-unanswered':
    'The browser still asks whether this page may use the microphone, and nobody answered. Allow it next to the address, and call again.',
  'insecure-page':
    'Browsers give the microphone only to secure pages. Open this page by its https:// address.',
  'browser-unsupported':
    'This browser cannot make calls. Use a current Chrome, Edge, Firefox or Safari.',
  'media-failed': 'The audio of the call could not be set up.',
  'media-lost': 'The audio connection was lost, so the call was ended.',
  'connection-lost': 'The connection to the server was lost before the call was answered.',
  'server-unreachable': 'The server cannot be reached.',
  'wrong-credentials': 'The user name or the password is wrong.',
  forbidden: 'You are not allowed to do this.',
  'bad-number': 'That is not a number that can be called.',
  'not-found': 'This number does not exist.',
  busy: 'The line is busy.',
  declined: 'The call was declined.',
  'no-answer': 'Nobody answered.',
  unavailable: 'The number cannot be reached right now.',
  'no-common-codec': 'The other side supports no audio format that this browser can use.',
  'too-many-calls': 'Too many calls at once. Wait a moment and call again.',
  'service-unavailable': 'The phone network is not available right now. Try again in a moment.',
  'server-error': 'The server could not complete the call.',
  rejected: 'The call was refused.',
};
