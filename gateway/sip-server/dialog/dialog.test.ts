import { describe, expect, it } from 'vitest';
import { getHeader, getHeaders } from '../message/headers.js';
import { parseSipMessage } from '../message/parse.js';
import type { SipRequest, SipResponse } from '../message/sip-message.js';
import type { Flow } from '../transport/transport.js';
import type { Application } from './application.js';
import { Dialog } from './dialog.js';
import { DialogStore } from './dialog-store.js';
import { DnsNextHop } from '../next-hop/dns-next-hop.js';
import { FlowSelector } from './flow-selector.js';
import { ConnectionCache } from './connection-cache.js';
import { insideRefusal } from './inside-refusal.js';
import { buildInsideRequest } from './request-inside.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { ScriptedDns } from '../../../test/support/sip/scripted-dns.js';

const address = (host: string, port: number): { host: string; port: number } => ({ host, port });
const flow = (remote: string, port: number): Flow => ({
  id: `udp-${remote}`,
  protocol: 'udp',
  local: address('192.0.2.1', 5060),
  advertised: address('192.0.2.1', 5060),
  remote: address(remote, port),
  reliable: false,
  closed: new AbortController().signal,
  send: () => Promise.resolve(),
});
const application: Application = {
  id: 'a',
  connected: true,
  deliver: () => undefined,
  report: () => undefined,
};
const name = { ...address('192.0.2.1', 5060), transportParam: '' };

function parse(text: string): SipRequest | SipResponse {
  const result = parseSipMessage(Buffer.from(`${text.trim().replace(/\n */g, '\r\n')}\r\n\r\n`));
  if (!result.ok) throw new Error(result.why);
  return result.message;
}

const INVITE = parse(`INVITE sip:bob@192.0.2.1 SIP/2.0
  Via: SIP/2.0/UDP 198.51.100.9:5060;branch=z9hG4bK1
  Record-Route: <sip:near.example;lr>
  Record-Route: <sip:far.example;lr>
  From: "Ann" <sip:ann@example.org>;tag=peer
  To: <sip:bob@192.0.2.1>
  Call-ID: c1
  CSeq: 7 INVITE
  Contact: <sip:ann@10.1.1.1:5090>`) as SipRequest;

const uas = (request = INVITE): Dialog =>
  new Dialog({
    role: 'uas',
    kind: 'INVITE',
    request,
    localTag: 'ours',
    flow: flow('198.51.100.9', 6001),
    localContact: '<sip:192.0.2.1:5060>',
    application,
  });

const OWN_INVITE = parse(`INVITE sip:ann@example.org SIP/2.0
  Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK2
  From: <sip:bob@192.0.2.1>;tag=ours
  To: <sip:ann@example.org>
  Call-ID: c2
  CSeq: 20 INVITE`) as SipRequest;

function uac(contact: string, routes: string[] = [], source = '198.51.100.9'): Dialog {
  const dialog = new Dialog({
    role: 'uac',
    kind: 'INVITE',
    request: OWN_INVITE,
    localTag: 'ours',
    flow: flow(source, 5060),
    localContact: '<sip:192.0.2.1:5060>',
    application,
  });
  const rows = routes.map((route) => `Record-Route: ${route}\n`).join('');
  dialog.learnFrom(
    parse(`SIP/2.0 200 OK
      Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK2
      ${rows}From: <sip:bob@192.0.2.1>;tag=ours
      To: <sip:ann@example.org>;tag=peer
      Call-ID: c2
      CSeq: 20 INVITE
      Contact: ${contact}`) as SipResponse,
  );
  return dialog;
}

const info = { method: 'INFO', uri: 'sip:placeholder', headers: [], body: Buffer.alloc(0) };

function built(dialog: Dialog, headers: { name: string; value: string }[] = []): SipRequest {
  const sequence = dialog.nextSequence();
  const request = buildInsideRequest(dialog, { ...info, headers }, { sequence, name });
  if ('sentence' in request) throw new Error(request.sentence);
  return request;
}

describe('a dialog', () => {
  it('of a callee sends along the Record-Route as it came (RFC 3261 section 12.1.1)', () => {
    const request = built(uas());
    expect(request.uri).toBe('sip:ann@10.1.1.1:5090');
    expect(getHeaders(request, 'Route')).toEqual(['<sip:near.example;lr>', '<sip:far.example;lr>']);
    expect(getHeader(request, 'From')).toBe('<sip:bob@192.0.2.1>;tag=ours');
    expect(getHeader(request, 'To')).toBe('"Ann" <sip:ann@example.org>;tag=peer');
    expect(getHeader(request, 'CSeq')).toBe('8 INFO');
  });

  it('of a caller sends along it in reverse (section 12.1.2)', () => {
    const dialog = uac('<sip:ann@10.1.1.1>', ['<sip:far;lr>, <sip:mid;lr>', '<sip:near;lr>']);
    expect(getHeaders(built(dialog), 'Route')).toEqual([
      '<sip:near;lr>',
      '<sip:mid;lr>',
      '<sip:far;lr>',
    ]);
  });

  it('puts the target last for a strict router (section 12.2.1.1)', () => {
    const request = built(uac('<sip:ann@10.1.1.1>', ['<sip:far;lr>', '<sip:strict.example>']));
    expect(request.uri).toBe('sip:strict.example');
    expect(getHeaders(request, 'Route')).toEqual(['<sip:far;lr>', '<sip:ann@10.1.1.1>']);
  });

  it('lets no application write what identifies it', () => {
    const names = [
      'From',
      'to',
      'CALL-ID',
      'CSeq',
      'Via',
      'Route',
      'Record-Route',
      'Content-Length',
    ];
    const request = built(
      uas(),
      names.map((header) => ({ name: header, value: 'sip:forged@x' })),
    );
    expect(request.headers.filter(({ value }) => value.includes('forged'))).toEqual([]);
  });

  it('is found by Call-ID and both tags; before the answer by any fork of the callee', () => {
    const store = new DialogStore();
    const dialog = uac('<sip:ann@10.1.1.1>');
    store.add(dialog);
    const bye = (from: string, to: string): SipRequest => ({
      ...INVITE,
      headers: [
        { name: 'From', value: `<sip:ann@example.org>;tag=${from}` },
        { name: 'To', value: `<sip:bob@192.0.2.1>;tag=${to}` },
        { name: 'Call-ID', value: 'c2' },
      ],
    });
    expect(store.forRequest(bye('fork', 'ours'))).toBe(dialog);
    dialog.confirmed = true;
    expect(store.forRequest(bye('fork', 'ours'))).toBeUndefined();
    expect(store.forRequest(bye('peer', 'ours'))).toBe(dialog);
    expect(store.forRequest(bye('peer', 'theirs'))).toBeUndefined();
    expect(store.ofApplication(application, 'c2;from-tag=ours')).toBe(dialog);
    expect(store.ofApplication({ ...application }, 'c2;from-tag=ours')).toBeUndefined();
    store.remove(dialog);
    expect(store.forRequest(bye('peer', 'ours'))).toBeUndefined();
    expect(store.size).toBe(0);
  });

  it('refuses late requests, and INVITEs that cross (sections 12.2.2 and 14.2)', () => {
    const dialog = uas();
    const request = (sequence: number, method: string): SipRequest => ({
      ...INVITE,
      method,
      headers: [{ name: 'CSeq', value: `${sequence} ${method}` }],
    });
    expect(insideRefusal(dialog, request(6, 'INFO'))).toEqual({ status: 500 });
    expect(insideRefusal(dialog, request(8, 'INFO'))).toBeUndefined();
    dialog.invites.outgoing = { sequence: 8, state: 'pending', cancelled: false };
    expect(insideRefusal(dialog, request(8, 'INVITE'))).toEqual({ status: 491 });
    dialog.invites.outgoing.state = 'acknowledged';
    expect(insideRefusal(dialog, request(8, 'INVITE'))).toBeUndefined();
  });
});

describe('the next hop in a dialog over UDP', () => {
  const asked: string[] = [];
  const clock = new ManualClock();
  const selector = new FlowSelector({
    listeners: [
      {
        protocol: 'udp',
        local: address('192.0.2.1', 5060),
        advertised: address('192.0.2.1', 5060),
        flowTo: ({ host, port }) => {
          asked.push(`${host}:${port}`);
          return Promise.resolve(flow(host, port));
        },
        close: () => Promise.resolve(),
      },
    ],
    cache: new ConnectionCache(clock),
    nextHop: new DnsNextHop({
      resolver: new ScriptedDns({ a: { 'near.example': [{ address: '192.0.2.77', ttl: 60 }] } }),
      clock,
      random: () => 0,
    }),
    clock,
  });
  const hop = async (dialog: Dialog): Promise<string> => {
    const choice = await selector.inside(dialog);
    if (choice.kind !== 'flow') return choice.kind;
    return `${choice.flow.remote.host}:${choice.flow.remote.port}`;
  };
  const bare: SipRequest = {
    ...INVITE,
    headers: INVITE.headers.filter((header) => header.name !== 'Record-Route'),
  };

  it.each([
    ['a caller behind NAT: where it sent from', uas(bare), '198.51.100.9:6001'],
    ['a caller behind proxies: the first of them', uas(), '192.0.2.77:5060'],
    [
      'a callee that names another host: its source',
      uac('<sip:ann@10.1.1.1>'),
      '198.51.100.9:5060',
    ],
    [
      'a callee that names itself: its port',
      uac('<sip:ann@198.51.100.9:5071>'),
      '198.51.100.9:5071',
    ],
    [
      'a proxy that names a private host: its source',
      uac('<sip:a@b>', ['<sip:10.0.0.1;lr>']),
      '198.51.100.9:5060',
    ],
    [
      'a private proxy in the own network',
      uac('<sip:a@b>', ['<sip:10.0.0.1;lr>'], '10.0.0.7'),
      '10.0.0.1:5060',
    ],
  ])('%s', async (_what, dialog, expected) => {
    expect(await hop(dialog)).toBe(expected);
  });
});
