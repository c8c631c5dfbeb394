import { answer, ask, hangUpAs, pause, receive, receiveInvite, scenario } from './scenario.js';

const INVITE = { sequence: 1, branch: 'invite', sdp: true } as const;
const RINGING = [receive(100, 'optional="true"'), receive(180, 'optional="true"')];
const ACK = ask('ACK', { sequence: 1, branch: 'ack' });
/** A copy of the 200 to the INVITE is not taken for that to the BYE. */
const hangUp = (sequence: number): string[] => [
  ask('BYE', { sequence, branch: 'bye', attributes: 'retrans="500" start_txn="bye"' }),
  receive(200, 'response_txn="bye"'),
];
const hungUpOn = [receive('BYE'), answer(200)];

const SESSION = ['Supported: timer', 'Session-Expires: 90;refresher=uac'];
const REFRESHED = ['Require: timer', 'Session-Expires: 90;refresher=uac'];

/** What sipp does as the caller. */
export const CALLERS = {
  plain: scenario('plain', [ask('INVITE', INVITE), ...RINGING, receive(200), ACK, ...hangUp(2)]),
  /** Its ACK is lost: the 200 comes again, at T1 and then at 2*T1 (RFC 3261 section 13.3.1.4). */
  lostAck: scenario('lost ACK', [
    ask('INVITE', INVITE),
    ...RINGING,
    receive(200),
    pause(1_700),
    ACK,
    ...hangUp(2),
  ]),
  lostAckOnStream: scenario('lost ACK on a stream', [
    ask('INVITE', INVITE),
    ...RINGING,
    receive(200),
    receive(200),
    receive(200),
    ACK,
    ...hangUp(2),
  ]),
  /** Its INVITE comes three times: that is one call. */
  retransmittedInvite: scenario('retransmitted INVITE', [
    ask('INVITE', INVITE),
    ask('INVITE', INVITE),
    ask('INVITE', INVITE),
    ...RINGING,
    receive(180, 'optional="true"'),
    receive(180, 'optional="true"'),
    receive(200),
    ACK,
    ...hangUp(2),
  ]),
  /** It cancels when the 200 is there already: too late (RFC 3261 section 9.2). */
  lateCancel: scenario('late CANCEL', [
    ask('INVITE', INVITE),
    ...RINGING,
    receive(200),
    ask('CANCEL', { sequence: 1, branch: 'invite' }),
    receive(200),
    ACK,
    ...hangUp(2),
  ]),
  /** It refreshes its session once, and then no more: the call is ended (RFC 4028 section 10). */
  sessionTimer: scenario('session timer, caller refreshes', [
    ask('INVITE', { ...INVITE, headers: SESSION }),
    ...RINGING,
    receive(200),
    ACK,
    ask('INVITE', { sequence: 2, branch: 'refresh', sdp: true, headers: SESSION }),
    receive(100, 'optional="true"'),
    receive(200),
    ask('ACK', { sequence: 2, branch: 'ack2' }),
    ...hungUpOn,
  ]),
};

/** What sipp does as the callee. */
export const CALLEES = {
  /** Its first 200 is lost; of its second the ACK is lost, so that it is sent once more (section 13.2.2.4). */
  lost200: scenario('lost 200', [
    receiveInvite(),
    answer(180, { tag: 'callee' }),
    answer(200, { tag: 'callee', sdp: true, attributes: 'lost="100"' }),
    pause(500),
    answer(200, { tag: 'callee', sdp: true }),
    receive('ACK'),
    answer(200, { tag: 'callee', sdp: true, toKept: true }),
    receive('ACK'),
    ...hangUpAs('callee'),
  ]),
  /** A proxy has forked: three phones ring, two are picked up. The second gets ACK and BYE. */
  forking: scenario('forking', [
    receiveInvite(),
    ...['one', 'two', 'three'].map((tag) => answer(180, { tag })),
    answer(200, { tag: 'two', sdp: true }),
    receive('ACK'),
    answer(200, { tag: 'one', sdp: true, toKept: true }),
    receive('ACK'),
    ...hungUpOn,
    ...hangUpAs('two'),
  ]),
  /** The server refreshes the session of the application's call (RFC 4028 section 10). */
  sessionTimer: scenario('session timer, the server refreshes', [
    receiveInvite(),
    answer(180, { tag: 'callee' }),
    answer(200, { tag: 'callee', sdp: true, headers: REFRESHED }),
    receive('ACK'),
    receive('INVITE'),
    answer(200, { sdp: true, headers: REFRESHED }),
    receive('ACK'),
    ...hangUpAs('callee'),
  ]),
};
