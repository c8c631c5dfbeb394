import { describe, expect, it } from 'vitest';
import { sipListeners, sipServerOptions } from './app-sip-settings.js';
import { configSchema } from './config/schema.js';
import { DEFAULT_GUARD } from './sip-server/guard/guard-options.js';
import { DEFAULT_MESSAGE_LIMITS } from './sip-server/message/limits.js';
import { DEFAULT_CONNECTION_LIMITS } from './sip-server/transport/connection-limits.js';

function settings(embedded: object): Parameters<typeof sipListeners>[0] {
  const { sip } = configSchema.parse({
    sip: { domain: 'example.org', server: { embedded } },
    dialplan: { country: 'DE' },
  });
  if (sip.server.kind !== 'embedded') throw new Error('not embedded');
  return sip.server;
}

const listenersOf = (embedded: object) =>
  sipListeners(settings(embedded)).map((listener) => ({ ...listener, limits: undefined }));

describe('the ports of the embedded SIP server', () => {
  it('are UDP alone unless more are named', () => {
    expect(listenersOf({})).toEqual([{ protocol: 'udp', host: '127.0.0.1', port: 5060 }]);
  });

  it('are UDP, TCP and TLS when those are named', () => {
    const certificates = [
      { certFile: '/tls/a.pem', keyFile: '/tls/a.key' },
      { certFile: '/tls/b.pem', keyFile: '/tls/b.key' },
    ];
    const listeners = listenersOf({
      tcp: { host: '10.0.0.1', advertised: '203.0.113.9' },
      tls: { certificates, caFile: '/tls/ca.pem', clientCertificates: 'require' },
    });
    expect(listeners.slice(1)).toEqual([
      { protocol: 'tcp', host: '10.0.0.1', port: 5060, advertised: '203.0.113.9' },
      {
        protocol: 'tls',
        host: '127.0.0.1',
        port: 5061,
        tls: {
          certificates,
          caFile: '/tls/ca.pem',
          clientCertificates: 'require',
          verifyServers: true,
        },
      },
    ]);
  });
});

it('are one or several of each transport, each with its own name', () => {
  const listeners = listenersOf({
    udp: [{ host: '192.0.2.1' }, { host: '2001:db8::1', advertised: 'v6.example.org' }],
    tcp: [{ host: '::1' }],
    tls: [{ certificates: CERTIFICATES }, { host: '::1', port: 0, certificates: CERTIFICATES }],
  });
  expect(listeners.map(({ protocol, host, port }) => `${protocol} ${host} ${port}`)).toEqual([
    'udp 192.0.2.1 5060',
    'udp 2001:db8::1 5060',
    'tcp ::1 5060',
    'tls 127.0.0.1 5061',
    'tls ::1 0',
  ]);
  expect(listeners.map(({ advertised }) => advertised)).toEqual([
    ...[undefined, 'v6.example.org', undefined, undefined, undefined],
  ]);
});

const CERTIFICATES = [{ certFile: '/tls/a.pem', keyFile: '/tls/a.key' }];

describe('the other settings of the embedded SIP server', () => {
  it('have the defaults of the server itself', () => {
    const options = sipServerOptions(settings({ tcp: {} }));
    expect({ ...DEFAULT_GUARD, ...options.guard }).toEqual(DEFAULT_GUARD);
    expect({ ...DEFAULT_MESSAGE_LIMITS, ...options.messageLimits }).toEqual(DEFAULT_MESSAGE_LIMITS);
    const tcp = options.listeners.find(({ protocol }) => protocol === 'tcp');
    expect({ ...DEFAULT_CONNECTION_LIMITS, ...(tcp as { limits?: object }).limits }).toEqual(
      DEFAULT_CONNECTION_LIMITS,
    );
  });

  it('let the caller refresh a session unless they say otherwise', () => {
    expect(sipServerOptions(settings({})).defaultRefresher).toBe('uac');
    const gateway = settings({ sessionRefresher: 'gateway' });
    expect(sipServerOptions(gateway).defaultRefresher).toBe('uas');
    expect(sipServerOptions(settings({ sessionRefresher: 'none' }))).not.toHaveProperty(
      'defaultRefresher',
    );
  });

  it('open a port for applications only when one is named, with its secret', () => {
    const alone = sipServerOptions(settings({})).application;
    expect(alone).toMatchObject({ host: '127.0.0.1', port: 0 });
    const applications = {
      host: '::1',
      secret: 'app secret',
      tls: { port: 9443, certificates: CERTIFICATES },
    };
    const { application, applicationTls } = sipServerOptions(settings({ applications }));
    expect(application).toMatchObject({ host: '::1', port: 9022 });
    expect(application.secret.reveal()).toBe('app secret');
    expect(applicationTls).toEqual({
      host: '::1',
      port: 9443,
      tls: { certificates: CERTIFICATES },
    });
  });
});
