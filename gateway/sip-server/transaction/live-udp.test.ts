import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { request } from '../../../test/support/sip/requests.js';
import { RecordingUser } from '../../../test/support/sip/transaction-bench.js';
import { UdpPeer } from '../../../test/support/sip/udp-peer.js';
import { systemClock } from '../../kernel/clock.js';
import { getHeader, setHeader } from '../message/headers.js';
import { createResponse } from '../message/response.js';
import type { SipResponse } from '../message/sip-message.js';
import type { Listener } from '../transport/transport.js';
import { listenUdp } from '../transport/udp-listener.js';
import { createTransactionLayer, type RunningTransactionLayer } from './transaction-layer.js';

/** Short, so that transactions end within the test; 64 times the first must do for an answer on a busy machine. */
const TIMERS = { t1: 60, t2: 240, t4: 100 };
const PATIENT = { ...TIMERS, t1: 300 };

interface End {
  user: RecordingUser;
  layer: RunningTransactionLayer;
  listener: Listener;
}

async function open(timers = TIMERS): Promise<End> {
  const user = new RecordingUser();
  const layer = createTransactionLayer({
    clock: systemClock,
    transactionUser: user,
    timers,
  });
  const listener = await listenUdp({
    bind: { host: '127.0.0.1', port: 0 },
    handlers: { onMessage: layer.handleMessage, onMalformed: () => undefined },
  });
  return { user, layer, listener };
}

describe('transactions over live UDP sockets', { timeout: 30_000 }, () => {
  let a: End;
  let b: End;

  beforeEach(async () => {
    a = await open();
    b = await open();
  });

  afterEach(async () => {
    for (const end of [a, b]) {
      end.layer.close();
      expect(end.layer.size).toBe(0);
      await end.listener.close();
    }
  });

  /** Sends and resolves with the final response, once the transaction has ended. */
  async function call(method: string, callId: string, from = a): Promise<SipResponse> {
    const flow = await from.listener.flowTo(b.listener.local);
    return new Promise((resolve, reject) => {
      let final: SipResponse | undefined;
      from.layer.send(request(method, { callId }), flow, {
        onResponse: (response) => {
          if (response.status < 200) return;
          final = response;
          if (method !== 'INVITE' || response.status > 299) return;
          const ack = request('ACK', { callId });
          setHeader(ack, 'To', getHeader(response, 'to') ?? '');
          from.layer.sendStateless(ack, flow);
        },
        onTimeout: () => {
          reject(new Error('timeout'));
        },
        onTransportError: reject,
        onTerminated: () => {
          if (final !== undefined) resolve(final);
        },
      });
    });
  }

  it('carry calls and requests side by side', async () => {
    b.user.onNew = (transaction) => {
      const status = transaction.request.method === 'INVITE' ? 486 : 200;
      void transaction.respond(createResponse(transaction.request, { status, toTag: 'x' }));
    };
    const statuses = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const method = index % 2 === 0 ? 'INVITE' : 'OPTIONS';
        return (await call(method, `live-${index}`)).status;
      }),
    );
    expect(statuses).toEqual(
      Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 486 : 200)),
    );
    expect(b.user.requests).toHaveLength(20);
    expect(a.layer.size).toBe(0);
  });

  it('end the retransmission of a 2xx with its ACK', async () => {
    b.user.onNew = (transaction) => {
      void transaction.respond(createResponse(transaction.request, { status: 200, toTag: 'x' }));
    };
    const ended = call('INVITE', 'live-ok');
    expect((await ended).status).toBe(200);
    expect(b.user.acks.length).toBeGreaterThan(0);
  });

  it('go on while garbage arrives', async () => {
    b.user.onNew = (transaction) => {
      void transaction.respond(createResponse(transaction.request, { status: 200, toTag: 'x' }));
    };
    const stranger = await UdpPeer.open();
    const valid = `OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=z9hG4bKg\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: g\r\nCSeq: 1 OPTIONS\r\n`;
    const garbage: (Buffer | string)[] = [
      Buffer.alloc(65_507, 0xfe),
      Buffer.from(Array.from({ length: 512 }, (_, index) => index % 256)),
      valid,
      valid.slice(0, 60),
      `${valid}Content-Length: 99999999999999\r\n\r\n`,
      `${valid}${'X: y\r\n'.repeat(9_000)}\r\n`,
      `${valid.replace('OPTIONS sip', 'ACK sip').replace('1 OPTIONS', '1 ACK')}\r\n`,
      `${valid.replace('OPTIONS sip', 'CANCEL sip').replace('1 OPTIONS', '1 CANCEL')}\r\n`,
      valid.replace('OPTIONS sip:a@b SIP/2.0', 'SIP/2.0 200 OK') + '\r\n',
      '\r\n',
    ];
    const sends = Array.from({ length: 200 }, (_, index) =>
      stranger.send(garbage[index % garbage.length] ?? '', b.listener.local.port),
    );
    const patient = await open(PATIENT);
    const answer = call('OPTIONS', 'amid-garbage', patient);
    await Promise.all(sends);
    expect((await answer).status).toBe(200);
    expect(b.user.requests).toHaveLength(1);
    await stranger.close();
    patient.layer.close();
    await patient.listener.close();
  });
});
