/**
 * sip.js answers the first digest challenge of a response, and only MD5. A server that offers SHA-256 before MD5,
 * the order RFC 8760 section 2.4 asks for, would lock it out: of several challenges we keep those it can answer.
 */
export function keepAnswerableChallenges(message: string): string {
  if (!/^SIP\/2\.0 40[17] /.test(message)) return message;
  const bodyAt = message.indexOf('\r\n\r\n');
  const head = bodyAt < 0 ? message : message.slice(0, bodyAt);
  const lines = head.split('\r\n');
  if (!lines.some((line) => isChallenge(line) && isMd5(line))) return message;
  const kept = lines.filter((line) => !isChallenge(line) || isMd5(line)).join('\r\n');
  return kept + (bodyAt < 0 ? '' : message.slice(bodyAt));
}

function isChallenge(line: string): boolean {
  return /^(?:WWW|Proxy)-Authenticate\s*:/i.test(line);
}

/** RFC 2617 section 3.2.1: a challenge without an algorithm means MD5. */
function isMd5(line: string): boolean {
  const algorithm = /[\s,]algorithm\s*=\s*"?([\w-]+)/i.exec(line)?.[1];
  return algorithm === undefined || algorithm.toUpperCase() === 'MD5';
}
