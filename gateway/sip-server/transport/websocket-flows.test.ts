import { describe, expect, it } from 'vitest';
import { parseOrThrow } from '../../../test/support/sip/requests.js';
import { getHeader } from '../message/headers.js';
import type { SipMessage } from '../message/sip-message.js';
import type { Flow } from './transport.js';
import { WebSocketFlows, type WebSocketPort } from './websocket-flows.js';

const REGISTER = [
  'REGISTER sip:example.com SIP/2.0',
  'Via: SIP/2.0/WS df7jal23ls0d.invalid;branch=z9hG4bKw',
  'From: <sip:a@b>;tag=1',
  'To: <sip:a@b>',
  'Call-ID: w1',
  'CSeq: 1 REGISTER',
  '',
  '',
].join('\r\n');

const BROWSER = { host: '198.51.100.7', port: 40_000 };

interface Bench {
  flows: WebSocketFlows;
  messages: { message: SipMessage; flow: Flow }[];
  defects: string[];
  frames: string[];
  closed: string[];
  open: (browser?: { host: string; port: number }) => WebSocketPort;
}

function bench(options: { maxFlows?: number; protocol?: 'ws' | 'wss' } = {}): Bench {
  const messages: Bench['messages'] = [];
  const defects: string[] = [];
  const frames: string[] = [];
  const closed: string[] = [];
  const flows = new WebSocketFlows({
    ...options,
    local: { host: '127.0.0.1', port: 8443 },
    handlers: {
      onMessage: (message, flow) => messages.push({ message, flow }),
      onMalformed: (_flow, why) => defects.push(why),
    },
  });
  const open = (browser = BROWSER): WebSocketPort =>
    flows.open(browser, {
      onFrame: (frame) => frames.push(frame.toString()),
      onClosed: (sentence) => closed.push(sentence),
    });
  return { flows, messages, defects, frames, closed, open };
}

describe('WebSocket flows', () => {
  it('carry one message per frame, both ways', async () => {
    const { flows, messages, frames, open } = bench();
    const port = open();
    expect(port.flowKey).toBe('198.51.100.7:40000');
    port.send(Buffer.from(REGISTER));
    const { message, flow } = messages[0]!;
    expect(getHeader(message, 'via')).toBe(
      'SIP/2.0/WS df7jal23ls0d.invalid;branch=z9hG4bKw;received=198.51.100.7;rport=40000',
    );
    expect(flow).toMatchObject({ protocol: 'ws', reliable: true, remote: BROWSER });
    await flow.send(Buffer.from('out'));
    expect(frames).toEqual(['out']);
    expect(await flows.flowTo(BROWSER)).toBe(flow);
    port.close();
    expect(flows.size).toBe(0);
  });

  it('answer a ping with a pong and ignore a pong', () => {
    const { frames, messages, defects, open } = bench();
    const port = open();
    port.send(Buffer.from('\r\n\r\n'));
    port.send(Buffer.from('\r\n'));
    port.send(Buffer.alloc(0));
    expect(frames).toEqual(['\r\n']);
    expect([messages, defects]).toEqual([[], []]);
    port.close();
  });

  it('end without a word when the browser goes, and tell the layers by the signal', async () => {
    const { flows, messages, closed, open } = bench();
    const port = open();
    port.send(Buffer.from(REGISTER));
    const { flow } = messages[0]!;
    port.close();
    port.close();
    port.send(Buffer.from(REGISTER));
    expect(messages).toHaveLength(1);
    expect(closed).toEqual([]);
    expect(flow.closed.aborted).toBe(true);
    await expect(flow.send(Buffer.from('x'))).rejects.toThrow('The WebSocket is closed.');
    await expect(flows.flowTo(BROWSER)).rejects.toThrow(
      'No WebSocket connection from 198.51.100.7:40000 is open.',
    );
  });

  it('answer a malformed request and drop noise', () => {
    const { defects, frames, open } = bench();
    const port = open();
    for (const noise of ['{"type":"offer"}', '\u0000\u0001', REGISTER.slice(0, 40)])
      port.send(Buffer.from(noise));
    expect(frames).toEqual([]);
    port.send(Buffer.from(REGISTER.replace('\r\n\r\n', '\r\nContent-Length: 9\r\n\r\n')));
    expect(defects).toHaveLength(4);
    expect(parseOrThrow(Buffer.from(frames[0]!))).toMatchObject({
      status: 400,
      reason: 'The Content-Length 9 exceeds the 0 bytes of the body',
    });
    port.send(Buffer.alloc(70_000, 'x'));
    expect(defects[4]).toBe('The first line has more than 4096 characters.');
    port.close();
  });

  it('end after as many malformed messages as a TCP connection may bring, whatever comes between', () => {
    const { defects, closed, messages, flows, open } = bench();
    const port = open();
    for (let index = 0; index < 9; index++) {
      port.send(Buffer.from('noise'));
      port.send(Buffer.from(REGISTER));
    }
    expect([defects.length, messages.length, closed]).toEqual([9, 9, []]);
    port.send(Buffer.from('noise'));
    expect(closed).toEqual(['The browser sent 10 malformed messages.']);
    expect(flows.size).toBe(0);
    port.send(Buffer.from('noise'));
    expect(defects).toHaveLength(10);
  });

  it('turn an owner that throws into a rejected send', async () => {
    const { flows } = bench();
    const port = flows.open(BROWSER, {
      onFrame: () => {
        throw new Error('socket gone');
      },
      onClosed: () => undefined,
    });
    const flow = await flows.flowTo(BROWSER);
    await expect(flow.send(Buffer.from('x'))).rejects.toThrow('socket gone');
    expect(() => {
      port.send(Buffer.from('\r\n\r\n'));
    }).not.toThrow();
    port.close();
  });

  it('replace a dead connection from the same address', () => {
    const { flows, closed, open } = bench();
    const first = open();
    const second = open();
    first.close();
    expect(closed).toEqual(['Another connection came from the same address.']);
    expect(flows.size).toBe(1);
    second.close();
    expect(flows.size).toBe(0);
  });

  it('hold no more than their limit', () => {
    const { open } = bench({ maxFlows: 1 });
    const port = open();
    expect(() => open({ host: '198.51.100.8', port: 1 })).toThrow(
      '1 WebSocket connections, its limit',
    );
    port.close();
    open({ host: '198.51.100.8', port: 1 }).close();
  });

  it('end all connections with a sentence when the server closes', async () => {
    const { flows, closed, open } = bench({ protocol: 'wss' });
    open();
    const v6 = open({ host: '::1', port: 5 });
    expect(v6.flowKey).toBe('[::1]:5');
    expect((await flows.flowTo({ host: '::1', port: 5 })).protocol).toBe('wss');
    await flows.close();
    expect(closed).toEqual([
      'The SIP server is shutting down.',
      'The SIP server is shutting down.',
    ]);
    expect(flows.size).toBe(0);
    expect(() => open()).toThrow('The SIP server is closed.');
  });
});
