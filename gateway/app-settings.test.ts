import { describe, expect, it } from 'vitest';
import { sipListeners } from './app-settings.js';
import { configSchema } from './config/schema.js';

function listenersOf(embedded: object): ReturnType<typeof sipListeners> {
  const { sip } = configSchema.parse({
    sip: { domain: 'example.org', server: { embedded } },
    dialplan: { country: 'DE' },
  });
  if (sip.server.kind !== 'embedded') throw new Error('not embedded');
  return sipListeners(sip.server);
}

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
