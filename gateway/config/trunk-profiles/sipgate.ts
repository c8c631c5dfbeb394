import type { TrunkProfile } from './trunk-profile.js';

/**
 * sipgate trunking.
 * - From is the account (`1234567t0@sipconnect.sipgate.de`); the caller's number stands in P-Preferred-Identity as E.164 without `+`
 *   and without zeros; `Privacy: id` hides it; Diversion tells a forwarding
 *   (https://help.sipgate.de/trunking/wie-setze-ich-bei-sipgate-trunking-die-absenderrufnummer).
 * - A number in From instead of the account is answered 403 (field reports: livekit/sip #333 and #553).
 */
export const sipgate: TrunkProfile = {
  needs: [
    'sipgate wants the account in From (user name like 1234567t0) and registers it.',
    'sipgate wants the caller number in P-Preferred-Identity, without +.',
  ],
  settings: {
    host: 'sipconnect.sipgate.de',
    codecs: ['pcma', 'pcmu'],
    dtmf: 'rfc4733',
    numberFormat: 'e164-without-plus',
    from: { user: 'account', domain: 'sipconnect.sipgate.de', sendDisplayName: false },
    identity: { headers: ['ppi'], anonymous: 'privacy', diversion: true },
    registration: { expiresSeconds: 600 },
    health: { optionsIntervalSeconds: 60 },
  },
};
