import { beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../../test/support/manual-clock.js';
import { CopperlineError } from '../kernel/errors.js';
import { silentLog } from '../kernel/log.js';
import { DrachtioDialog } from './drachtio-dialog.js';
import type { WireDialog, WireRequest, WireResponse, WireSrf } from './drachtio-wire.js';
import type { DialogEnd, DialogHandlers } from './sip-endpoint.js';

interface SentRequest {
  method: string;
  headers: Record<string, string> | undefined;
  answer(error: unknown, response?: { status: number; body?: string; reason?: string }): void;
}

let sent: SentRequest[];
let responses: { status: number; headers: Record<string, string>; body: string | undefined }[];
let wire: WireDialog;
let lost: AbortController;
let closed: number;
let dialog: DrachtioDialog;
let ends: DialogEnd[];
let leftBehind: string[];

const handlers = (changes: Partial<DialogHandlers> = {}): DialogHandlers => ({
  onEnd: (end) => ends.push(end),
  onReoffer: () => Promise.resolve('answer'),
  onInfo: () => Promise.resolve(200),
  ...changes,
});

beforeEach(() => {
  sent = [];
  responses = [];
  ends = [];
  leftBehind = [];
  closed = 0;
  lost = new AbortController();
  wire = {
    ...{ id: 'd', type: 'uac', connected: true, remote: { sdp: undefined } },
    sip: { callId: 'c', localTag: 'us', remoteTag: 'them' },
    local: { sdp: 'v=0', contact: '<sip:us@h>' },
    handle: () => undefined,
    removeAllListeners: () => undefined,
    request: ({ method, headers }, callback) => {
      const answer: SentRequest['answer'] = (error, response) => {
        callback(error, response as WireResponse | undefined);
      };
      sent.push({ method, headers, answer });
    },
  };
  const srf = { removeDialog: () => undefined } as unknown as WireSrf;
  dialog = new DrachtioDialog({
    ...{ dialog: wire, link: { srf, lost: lost.signal }, log: silentLog },
    onClosed: () => closed++,
    onLeftBehind: (id) => leftBehind.push(id),
  });
});

/** The peer sends a request in the dialog. */
function receive(
  method: string,
  options: { body?: string; source?: string; headers?: object } = {},
): void {
  const { body = '', source = 'network', headers = {} } = options;
  const get = (name: string): string | undefined => (headers as Record<string, string>)[name];
  const response = {
    finalResponseSent: false,
    send(status: number, sentOptions: { headers?: Record<string, string>; body?: string }) {
      if (status === 607)
        throw new Error('status is required and must be a valid sip response code');
      this.finalResponseSent = status >= 200;
      responses.push({ status, headers: sentOptions.headers ?? {}, body: sentOptions.body });
    },
  };
  const request = { method, body, source, get } as unknown as WireRequest;
  wire.handle(request, response as unknown as WireResponse);
}

describe('the end of a dialog', () => {
  it('answers the peer’s BYE and reports it once', async () => {
    dialog.setHandlers(handlers());
    receive('BYE', { headers: { Reason: 'Q.850;cause=16' } });
    lost.abort();
    expect(responses[0]?.status).toBe(200);
    expect(ends).toEqual([{ kind: 'bye', reasonHeader: 'Q.850;cause=16' }]);
    await dialog.bye({ sipStatus: 200, sentence: 'Late.' });
    expect(sent).toEqual([]);
    expect(closed).toBe(1);
  });

  it('does not answer a BYE that the SIP server sent itself', () => {
    dialog.setHandlers(handlers());
    const Reason = 'SIP;cause=200;text="ACK timeout"';
    receive('BYE', { source: 'application', headers: { Reason } });
    expect(responses).toEqual([]);
    expect(ends).toEqual([{ kind: 'gone', sentence: 'The SIP dialog ended: ACK timeout.' }]);
  });

  it('keeps an early BYE until somebody listens', () => {
    receive('BYE');
    expect(ends).toEqual([]);
    dialog.setHandlers(handlers());
    expect(ends).toHaveLength(1);
  });

  it('sends one BYE with its Reason, and is over when it is answered', async () => {
    dialog.setHandlers(handlers());
    const byes = [
      dialog.bye({ sipStatus: 200, sentence: 'Done.' }),
      dialog.bye({ sipStatus: 500, sentence: 'x' }),
    ];
    expect(sent.map(({ method, headers }) => [method, headers])).toEqual([
      ['BYE', { Reason: 'SIP;cause=200;text="Done."' }],
    ]);
    expect(closed).toBe(0);
    sent[0]?.answer(null, { status: 408 });
    await Promise.all(byes);
    expect([closed, ends]).toEqual([1, []]);
  });

  it.each(['refused by the SIP server', 'lost with the connection'])(
    'is over when the BYE is %s',
    async (how) => {
      dialog.setHandlers(handlers());
      const bye = dialog.bye({ sipStatus: 200, sentence: 'Done.' });
      if (how.startsWith('refused')) sent[0]?.answer(new Error('unable to find dialog'));
      else lost.abort();
      await bye;
      expect(closed).toBe(1);
    },
  );

  it('refuses requests after the end with CL_SIP_DIALOG_GONE', async () => {
    lost.abort(new CopperlineError('CL_SIP_SERVER_UNREACHABLE', { sentence: 'Lost.' }));
    const info = dialog.info({ contentType: 'a/b', content: '' });
    await expect(info).rejects.toMatchObject({ code: 'CL_SIP_DIALOG_GONE' });
    dialog.setHandlers(handlers());
    expect(ends).toEqual([{ kind: 'gone', sentence: 'Lost.' }]);
  });

  it('leaves a dialog behind only when its connection is lost while it is up', async () => {
    dialog.setHandlers(handlers());
    const bye = dialog.bye({ sipStatus: 200, sentence: 'Done.' });
    lost.abort();
    await bye;
    expect(leftBehind).toEqual(['d']);
    const { signal } = (lost = new AbortController());
    const link = { srf: { removeDialog: () => undefined } as unknown as WireSrf, lost: signal };
    new DrachtioDialog({
      ...{ dialog: wire, link, log: silentLog },
      onClosed: () => closed++,
      onLeftBehind: (id) => leftBehind.push(id),
    });
    receive('BYE');
    lost.abort();
    expect(leftBehind).toEqual(['d']);
  });
});

describe('offers inside the dialog', () => {
  it('are answered with our Contact, also those without SDP', async () => {
    const offers: (string | undefined)[] = [];
    dialog.setHandlers(
      handlers({
        onReoffer: (offer) => {
          offers.push(offer);
          return Promise.resolve('answer');
        },
      }),
    );
    receive('INVITE', { body: 'offer' });
    await settle();
    receive('INVITE');
    await settle();
    receive('UPDATE');
    expect(offers).toEqual(['offer', undefined]);
    expect(responses).toEqual([
      ...[1, 2].map(() => ({
        ...{ status: 200, body: 'answer' },
        headers: { 'Content-Type': 'application/sdp', Contact: '<sip:us@h>' },
      })),
      { status: 200, headers: {}, body: undefined },
    ]);
  });

  it('are refused with the status and the sentence of the handler', async () => {
    const error = new CopperlineError('CL_CALL_REOFFER', { sentence: 'Not now.' });
    dialog.setHandlers(handlers({ onReoffer: () => Promise.reject(error) }));
    receive('INVITE', { body: 'offer' });
    await settle();
    expect(responses).toMatchObject([
      { status: 488, headers: { Reason: 'SIP;cause=488;text="Not now."' } },
    ]);
  });

  it('are refused with 491 while ours is open, and with 500 while theirs is', async () => {
    dialog.setHandlers(handlers({ onReoffer: () => new Promise(() => undefined) }));
    const ours = dialog.reoffer('offer');
    await settle();
    receive('INVITE', { body: 'glare' });
    expect(responses[0]?.status).toBe(491);
    sent[0]?.answer(null, { status: 180 });
    sent[0]?.answer(null, { status: 200, body: 'their answer' });
    expect(await ours).toBe('their answer');
    receive('INVITE', { body: 'first' });
    receive('INVITE', { body: 'second' });
    expect(responses[1]).toMatchObject({ status: 500, headers: { 'Retry-After': '2' } });
  });

  it('of ours fail with the peer’s status', async () => {
    const ours = dialog.reoffer('offer');
    await settle();
    sent[0]?.answer(null, { status: 491, reason: 'Request Pending' });
    await expect(ours).rejects.toMatchObject({ code: 'CL_SIP_REQUEST_REFUSED', sipStatus: 491 });
  });
});

describe('other requests', () => {
  it('are answered, known or not', async () => {
    dialog.setHandlers(handlers({ onInfo: () => Promise.reject(new Error('bug')) }));
    for (const method of ['OPTIONS', 'PRACK', 'ACK', 'REFER', 'NOTIFY', 'BOGUS', 'INFO'])
      receive(method);
    await settle();
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 400, 489, 405, 500]);
  });

  it('get the general code of the class for one that drachtio-srf does not know', async () => {
    dialog.setHandlers(handlers({ onInfo: () => Promise.resolve(607) }));
    receive('INFO');
    await settle();
    expect(responses.map(({ status }) => status)).toEqual([600]);
  });
});
