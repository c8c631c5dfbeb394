import { systemClock } from '../../gateway/kernel/clock.js';
import { silentLog } from '../../gateway/kernel/log.js';
import { Secret } from '../../gateway/kernel/secret.js';
import { startSipServer } from '../../gateway/sip-server/server.js';
import type { SipServer } from '../../gateway/sip-server/server-options.js';
import type { SipServerReport, SipServerOrder } from './external-sip-server.js';

/** The embedded SIP server as a process of its own: UDP, WebSocket and the application port on loopback. */
let server: SipServer | undefined;

process.on('message', (order: SipServerOrder) => {
  void (order.kind === 'start' ? start(order) : Promise.resolve(report())).then((answer) =>
    process.send?.(answer),
  );
});
process.on('disconnect', () => {
  process.exit(0);
});

async function start({
  secret,
  ports,
}: SipServerOrder & { kind: 'start' }): Promise<SipServerReport> {
  const host = '127.0.0.1';
  server = await startSipServer({
    listeners: [
      { protocol: 'udp', host, port: ports.udp },
      { protocol: 'ws', host, port: ports.websocket },
    ],
    application: { host, port: ports.application, secret: new Secret(secret) },
    log: silentLog,
    clock: systemClock,
  });
  return report();
}

function report(): SipServerReport {
  if (server === undefined) throw new Error('The SIP server was not started.');
  const portOf = (protocol: string): number =>
    Number(server?.contacts.find((contact) => contact.startsWith(`${protocol}/`))?.split(':')[1]);
  return {
    ports: {
      udp: portOf('udp'),
      websocket: portOf('ws'),
      application: server.applicationAddress.port,
    },
    counts: server.counts(),
  };
}
