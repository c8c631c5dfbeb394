import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock, settle } from '../../test/support/manual-clock.js';
import { silentLog } from '../kernel/log.js';
import type { BrowserFlow } from './browser-flows.js';
import { MemoryLocationStore } from './memory-location-store.js';
import { DEFAULT_REGISTRAR_LIMITS, Registrar } from './registrar.js';
import type { SipReply } from './sip-request.js';

let clock: ManualClock;
let store: MemoryLocationStore;
let registrar: Registrar;
let sequence: number;

beforeEach(() => {
  clock = new ManualClock();
  store = new MemoryLocationStore(clock);
  registrar = new Registrar({
    ...{ store, clock, log: silentLog },
    limits: { ...DEFAULT_REGISTRAR_LIMITS, maxContactsPerUser: 3 },
  });
  sequence = 0;
});

function flowNamed(id: string): { flow: BrowserFlow; close: () => void } {
  const closed = new AbortController();
  const close = (): void => {
    closed.abort();
  };
  return { flow: { id, remoteAddress: '192.0.2.1', closed: closed.signal }, close };
}

const defaultFlow = flowNamed('default').flow;

function register(headers: Record<string, string>, flow = defaultFlow): Promise<SipReply> {
  const all: Record<string, string> = {
    ...{ To: '<sip:alice@h>', 'Call-ID': 'c', CSeq: `${++sequence} REGISTER` },
    ...headers,
  };
  const request = {
    ...{ method: 'REGISTER', uri: 'sip:h', source: '192.0.2.1:1', flow },
    header: (name: string) => all[name],
  };
  return registrar.register(request, 'alice', flow);
}

const codeOf = (reply: SipReply): unknown => reply.headers['X-Copperline-Code'];

describe('bindings', () => {
  it('are listed with what is left of their time', async () => {
    await register({ Contact: '<sip:a@1.invalid;transport=ws>;+sip.instance="<urn:1>"' });
    clock.advance(10_000);
    const reply = await register({ Contact: '<sip:a@2.invalid>;expires=100', 'Call-ID': 'd' });
    expect(reply).toEqual({
      status: 200,
      headers: {
        Contact: '<sip:a@1.invalid;transport=ws>;expires=590, <sip:a@2.invalid>;expires=100',
        Expires: '100',
        Date: 'Thu, 01 Jan 2026 00:00:10 GMT',
      },
    });
    expect((await store.find('alice'))[0]?.instance).toBe('<urn:1>');
  });

  it('are asked for by a REGISTER without Contact', async () => {
    expect((await register({})).headers['Contact']).toBeUndefined();
    await register({ Contact: '<sip:a@1>' });
    expect((await register({})).headers['Contact']).toBe('<sip:a@1>;expires=600');
  });

  it('expire, and are shortened to the longest time allowed', async () => {
    const reply = await register({ Contact: '<sip:a@1>', Expires: '999999' });
    expect(reply.headers['Expires']).toBe('3600');
    clock.advance(3_599_999);
    expect(await store.count()).toBe(1);
    clock.advance(1);
    expect(await store.count()).toBe(0);
    expect(await store.find('alice')).toEqual([]);
  });

  it('take the Contact parameter before the Expires header, and the default for nonsense', async () => {
    const one = await register({ Contact: '<sip:a@1>;expires=120', Expires: '300' });
    expect(one.headers['Contact']).toBe('<sip:a@1>;expires=120');
    const two = await register({ Contact: '<sip:a@1>', Expires: '-5' });
    expect(two.headers['Contact']).toBe('<sip:a@1>;expires=600');
  });

  it('are removed one by one with expires=0, or all with *', async () => {
    await register({ Contact: '<sip:a@1>, <sip:a@2>' });
    const reply = await register({ Contact: '<sip:a@1>;expires=0' });
    expect(reply.headers['Contact']).toBe('<sip:a@2>;expires=600');
    expect((await register({ Contact: '*', Expires: '0' })).headers['Contact']).toBeUndefined();
    expect(await store.count()).toBe(0);
  });

  it('go with their WebSocket, and stay when another took them over', async () => {
    const first = flowNamed('first');
    const second = flowNamed('second');
    const removed: string[] = [];
    registrar.events.on('removed', (_user, contact) => removed.push(contact));
    await register({ Contact: '<sip:a@1>, <sip:a@2>' }, first.flow);
    await register({ Contact: '<sip:a@2>' }, second.flow);
    first.close();
    await settle();
    expect(removed).toEqual(['sip:a@1']);
    second.close();
    await settle();
    expect(await store.count()).toBe(0);
  });

  it('are not made for a WebSocket that closed meanwhile', async () => {
    const { flow, close } = flowNamed('gone');
    close();
    await register({ Contact: '<sip:a@1>' }, flow);
    expect(await store.count()).toBe(0);
  });
});

describe('refusals', () => {
  it.each([
    [{ Contact: '<sip:a@1>', Expires: '59' }, 423, 'CL_REGISTER_TOO_BRIEF'],
    [{ Contact: '*' }, 400, 'CL_REGISTER_INVALID'],
    [{ Contact: '*, <sip:a@1>', Expires: '0' }, 400, 'CL_REGISTER_INVALID'],
    [{ Contact: '<http://x>' }, 400, 'CL_REGISTER_INVALID'],
    [{ Contact: '<sip:a@1' }, 400, 'CL_REGISTER_INVALID'],
    [{ To: 'nonsense', Contact: '<sip:a@1>' }, 400, 'CL_SIP_BAD_REQUEST'],
    [{ CSeq: 'x', Contact: '<sip:a@1>' }, 400, 'CL_SIP_BAD_REQUEST'],
    [{ To: '<sip:bob@h>', Contact: '<sip:a@1>' }, 403, 'CL_AUTH_IDENTITY'],
  ])('of %j', async (headers, status, code) => {
    const reply = await register(headers);
    expect([reply.status, codeOf(reply)]).toEqual([status, code]);
    expect(reply.headers['Reason']).toMatch(new RegExp(`^SIP;cause=${status};text=".+"$`));
    expect(await store.count()).toBe(0);
  });

  it('names the least time', async () => {
    const reply = await register({ Contact: '<sip:a@1>', Expires: '1' });
    expect(reply.headers['Min-Expires']).toBe('60');
  });

  it('keeps the order of one client', async () => {
    await register({ Contact: '<sip:a@1>', CSeq: '10 REGISTER' });
    const late = await register({ Contact: '<sip:a@1>;expires=0', CSeq: '9 REGISTER' });
    expect([late.status, codeOf(late)]).toEqual([500, 'CL_REGISTER_OUT_OF_ORDER']);
    const all = await register({ Contact: '*', Expires: '0', CSeq: '10 REGISTER' });
    expect(all.status).toBe(500);
    expect(await store.count()).toBe(1);
    const other = await register({ Contact: '<sip:a@1>', CSeq: '1 REGISTER', 'Call-ID': 'new' });
    expect(other.status).toBe(200);
  });

  it('limits the devices of a user, but lets known ones refresh', async () => {
    await register({ Contact: '<sip:a@1>, <sip:a@2>, <sip:a@3>' });
    const fourth = await register({ Contact: '<sip:a@4>' });
    expect([fourth.status, codeOf(fourth)]).toEqual([403, 'CL_REGISTER_TOO_MANY']);
    expect((await register({ Contact: '<sip:a@3>' })).status).toBe(200);
  });

  it('changes nothing when one contact of several is refused', async () => {
    const reply = await register({ Contact: '<sip:a@1>;expires=300, <sip:a@2>;expires=5' });
    expect(reply.status).toBe(423);
    expect(await store.count()).toBe(0);
  });
});
