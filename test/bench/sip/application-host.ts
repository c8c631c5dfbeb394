import { connectSrf, type SrfClient } from '../../support/srf-wire.js';
import { serve } from '../child-rpc.js';
import type { ServerPorts } from './server-under-test.js';

/**
 * The application of the benchmark, on drachtio-srf as any other: it bridges every call to one phone, and accepts
 * every registration.
 */
const REGISTRATION_SECONDS = 3_600;

let bridged = 0;
let failures = 0;
let lastFailure = '';

function bridge(srf: SrfClient, calleePort: number): void {
  const callee = `sip:callee@127.0.0.1:${calleePort};transport=udp`;
  srf.invite((request, response) => {
    srf
      .createB2BUA(request, response, callee, { localSdpB: request.body })
      .then(({ uas, uac }) => {
        bridged += 1;
        uas.on('destroy', () => void uac.destroy());
        uac.on('destroy', () => void uas.destroy());
      })
      .catch((error: unknown) => {
        failures += 1;
        lastFailure = error instanceof Error ? error.message : String(error);
      });
  });
}

function acceptRegistrations(srf: SrfClient): void {
  srf.register((request, response) => {
    const contact = `${request.get('Contact')};expires=${REGISTRATION_SECONDS}`;
    response.send(200, { headers: { Contact: contact, Expires: String(REGISTRATION_SECONDS) } });
  });
}

serve({
  start: async (where: ServerPorts & { callee: number }) => {
    const { application: port, secret, callee } = where;
    const { srf } = await connectSrf({ host: '127.0.0.1', port, secret });
    bridge(srf, callee);
    acceptRegistrations(srf);
    // The server handles frames in order: when it has refused this one, it knows the routes.
    await srf.request('nowhere:', { method: 'OPTIONS' }).catch(() => undefined);
  },
  counts: () => ({ bridged, failures, lastFailure }),
});
