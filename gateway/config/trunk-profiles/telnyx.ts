import type { TrunkProfile } from './trunk-profile.js';

/**
 * Telnyx SIP trunking.
 * - Host `sip.telnyx.com`; a credentials connection registers, IP and FQDN connections do not
 *   (https://developers.telnyx.com/docs/voice/sip-trunking/authentication/credential-types.md).
 * - The caller's number is looked for in P-Preferred-Identity, P-Asserted-Identity, Remote-Party-ID and From, in that order; `+E.164`
 *   is right for every destination; others get 403 "Caller Origination Number is Invalid D35"; `Privacy: id` hides it
 *   (https://developers.telnyx.com/docs/voice/sip-trunking/configuration/caller-id-policy).
 */
export const telnyx: TrunkProfile = {
  needs: [
    'Telnyx answers 403 to a caller number that is not yours, unless the connection has Caller ID Override.',
    'Telnyx is called at sip.telnyx.com; set registration: {} for a credentials connection.',
  ],
  settings: {
    codecs: ['pcmu', 'pcma'],
    dtmf: 'rfc4733',
    numberFormat: 'e164',
    identity: { headers: ['pai'], anonymous: 'privacy' },
    health: { optionsIntervalSeconds: 60 },
  },
};
