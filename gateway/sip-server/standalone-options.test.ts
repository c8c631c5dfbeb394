import { describe, expect, it } from 'vitest';
import { readStandaloneOptions } from './standalone-options.js';

const read = (line: string): ReturnType<typeof readStandaloneOptions> =>
  readStandaloneOptions(line.split(' '));

describe('the command line of the SIP server', () => {
  it('gives each transport of each contact a port', () => {
    const options = read(
      '--contact sip:127.0.0.1:5070;transport=udp,tcp --contact sip:10.0.0.1 --advertised 203.0.113.9' +
        ' --contact sip:[::1]:0;transport=ws --port 9023 --secret x',
    );
    expect(options).toEqual({
      listeners: [
        { protocol: 'udp', host: '127.0.0.1', port: 5070 },
        { protocol: 'tcp', host: '127.0.0.1', port: 5070 },
        { protocol: 'udp', host: '10.0.0.1', port: 5060, advertised: '203.0.113.9' },
        { protocol: 'ws', host: '::1', port: 0 },
      ],
      application: { host: '127.0.0.1', port: 9023 },
      secret: { text: 'x' },
      logLevel: 'info',
    });
  });

  it('gives TLS its certificates', () => {
    const { listeners } = read(
      '--contact sips:127.0.0.1 --contact sip:127.0.0.1:8443;transport=wss --secret-file s' +
        ' --tls-cert a.pem --tls-key a.key --tls-cert b.pem --tls-key b.key --tls-clients require --tls-ca ca.pem',
    );
    const tls = {
      certificates: [
        { certFile: 'a.pem', keyFile: 'a.key' },
        { certFile: 'b.pem', keyFile: 'b.key' },
      ],
      clientCertificates: 'require',
      caFile: 'ca.pem',
    };
    expect(listeners).toEqual([
      { protocol: 'tls', host: '127.0.0.1', port: 5061, tls },
      { protocol: 'wss', host: '127.0.0.1', port: 8443, tls },
    ]);
  });

  it.each([
    ['--secret x', 'There is no --contact.'],
    ['--contact sip:127.0.0.1', 'Either --secret or --secret-file is needed.'],
    ['--contact sip:127.0.0.1 --secret x --secret-file y', 'Either --secret'],
    ['--contact sip:example.com --secret x', 'sip:IP-ADDRESS:PORT is needed'],
    ['--contact sip:127.0.0.1;transport=sctp --secret x', 'There is no transport sctp.'],
    ['--contact sips:127.0.0.1 --secret x', 'The transport tls needs --tls-cert'],
    ['--contact sip:127.0.0.1 --secret x --tls-cert a', 'Each --tls-cert needs its --tls-key'],
    ['--advertised h --contact sip:127.0.0.1 --secret x', '--advertised comes before --contact.'],
    ['--contact sip:127.0.0.1 --secret x --port 70000', '--port 70000 is no port.'],
    ['--contact sip:127.0.0.1 --secret x --log-level loud', '--log-level is error'],
    ['--contact sip:127.0.0.1 --secret x --colour', '--colour'],
  ])('%s is refused', (line, sentence) => {
    expect(() => read(line)).toThrow(sentence);
  });
});
