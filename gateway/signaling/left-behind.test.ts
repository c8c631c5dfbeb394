import { expect, it } from 'vitest';
import { silentLog } from '../kernel/log.js';
import type { SipLink } from './drachtio-connection.js';
import type { WireSrf } from './drachtio-wire.js';
import { LeftBehindCalls } from './left-behind.js';

function linkTo(request: WireSrf['request']): SipLink {
  return { srf: { request } as unknown as WireSrf, lost: new AbortController().signal };
}

it('sends BYE for a dialog and CANCEL for an INVITE, once, whatever becomes of them', () => {
  const calls = new LeftBehindCalls(silentLog);
  calls.add({ dialogId: 'c1;from-tag=t1' });
  calls.add({ uri: 'sip:600@192.0.2.1', transactionId: 'x1' });
  calls.add({ dialogId: 'c2;from-tag=t2' });
  const sent: unknown[] = [];
  const refusing = linkTo((options, callback) => {
    sent.push({ ...options, headers: Object.keys(options.headers) });
    if (sent.length === 1) callback(new Error('unable to find dialog'));
    if (sent.length === 2) throw new Error('the socket is gone');
  });
  calls.endOver(refusing);
  const headers = ['Reason'];
  expect(sent).toEqual([
    { method: 'BYE', uri: 'sip:placeholder', stackDialogId: 'c1;from-tag=t1', headers },
    { method: 'CANCEL', uri: 'sip:600@192.0.2.1', stackTxnId: 'x1', headers },
    { method: 'BYE', uri: 'sip:placeholder', stackDialogId: 'c2;from-tag=t2', headers },
  ]);
  calls.endOver(refusing);
  expect(sent).toHaveLength(3);
});
