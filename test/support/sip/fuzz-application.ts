import type { NetworkAddress } from '../../../gateway/sip-server/transport/transport.js';
import { connectSrf, type SrfClient, type SrfRequest, type SrfResponse } from '../srf-wire.js';

const SDP = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n';

/** Takes a third of the calls and lets them die of their lost ACK; refuses the others, half of them after ringing. */
function onInvite(srf: SrfClient, count: number, [req, res]: [SrfRequest, SrfResponse]): void {
  // With a Record-Route the BYE of a lost call would go to hosts of the real world.
  if (count % 3 === 0 && !req.has('Record-Route')) {
    srf.createUAS(req, res, { localSdp: SDP }).then(
      (dialog) => {
        dialog.on('destroy', () => undefined);
      },
      // The caller cancelled, or is gone.
      () => undefined,
    );
    return;
  }
  if (count % 3 === 1) res.send(180);
  res.send(486);
}

/** An application of drachtio-srf that takes whatever comes, as a gateway would. */
export async function connectFuzzApplication(
  where: NetworkAddress,
  secret: string,
): Promise<SrfClient> {
  const { srf } = await connectSrf({ ...where, secret });
  let count = 0;
  srf.invite((req, res) => {
    count += 1;
    onInvite(srf, count, [req, res]);
  });
  // Never the hour or the day that a broken Contact may ask for.
  srf.register((_req, res) => {
    res.send(200, { headers: { Contact: '<sip:granted@example.com>;expires=60' } });
  });
  for (const method of ['options', 'message'] as const)
    srf[method]((_req, res) => {
      res.send(200);
    });
  // Frames are handled in order: once this one is refused, the routes are known.
  await srf.request('nowhere:', { method: 'OPTIONS' }).catch(() => undefined);
  return srf;
}
