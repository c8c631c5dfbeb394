import { answer, receive, receiveWith, scenario } from './scenario.js';

const REGISTERED = answer(200, { tag: 'reg', headers: ['Expires: 1800'] });
/** The gateway stops. */
const leaves = [
  receiveWith('REGISTER', { header: 'Expires', regexp: ' *0' }),
  answer(200, { tag: 'reg' }),
];

function challenge(rest: string): string {
  const header = `WWW-Authenticate: Digest realm="sipp", qop="auth", ${rest}`;
  return answer(401, { tag: 'reg', headers: [header] });
}

/** What sipp does as a registrar or a carrier. */
export const TRUNKS = {
  registrar: scenario('registrar', [receive('REGISTER'), REGISTERED, ...leaves]),
  /** RFC 3261 section 10.2.8. */
  brief: scenario('registrar that wants longer intervals', [
    receiveWith('REGISTER', { header: 'Expires', regexp: ' *600' }),
    answer(423, { tag: 'reg', headers: ['Min-Expires: 1800'] }),
    receiveWith('REGISTER', { header: 'Expires', regexp: ' *1800' }),
    REGISTERED,
    ...leaves,
  ]),
  /** RFC 7616 section 3.3: the credentials were right, the nonce was too old. */
  stale: scenario('registrar whose nonce is stale', [
    receive('REGISTER'),
    challenge('nonce="n1", algorithm=SHA-256'),
    receiveWith('REGISTER', { header: 'Authorization', regexp: 'nonce="n1"' }),
    challenge('nonce="n2", algorithm=SHA-256, stale=true'),
    receiveWith('REGISTER', { header: 'Authorization', regexp: 'nonce="n2"' }),
    REGISTERED,
    ...leaves,
  ]),
  refusingRegistrar: scenario('registrar that is down', [
    receive('REGISTER'),
    answer(503, { tag: 'reg' }),
  ]),
  /** It asks for a rest (RFC 3261 section 21.5.4); a second INVITE would be unexpected. */
  busyCarrier: scenario('carrier that asks for a rest', [
    receive('INVITE'),
    answer(503, { tag: 'full', headers: ['Retry-After: 60'], attributes: 'retrans="500"' }),
    receive('ACK'),
  ]),
};
