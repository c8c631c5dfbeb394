import type { TrunkProfile } from './trunk-profile.js';

/**
 * A carrier that knows us by our address: SIPconnect 2.0 (https://www.sipforum.org/activities/sipconnect/) asks for E.164 with `+` in the
 * request-URI, To and From, with `user=phone`, and for P-Asserted-Identity from a PBX that the carrier trusts.
 */
export const genericIp: TrunkProfile = {
  needs: ['The carrier must know the address of this gateway.'],
  settings: {
    codecs: ['pcma', 'pcmu'],
    numberFormat: 'e164',
    userPhone: true,
    identity: { headers: ['pai'] },
    health: { optionsIntervalSeconds: 60 },
  },
};
