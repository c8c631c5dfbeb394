import type { TrunkProfile } from './trunk-profile.js';

/**
 * Vonage SIP trunking.
 * - INVITEs go to the trunk's domain `NAME.sip-REGION.vonage.com`, with digest or from an allowed address; the caller's number is
 *   read from From, `<sip:447700900000@NAME...>`; G.711 and G.722 (https://developer.vonage.com/en/sip/technical-details).
 * - Numbers are E.164 without `+` and without 00 or 001 (https://developer.vonage.com/en/voice/voice-api/concepts/numbers).
 */
export const vonage: TrunkProfile = {
  needs: [
    'Vonage wants its regional trunk domain, such as NAME.sip-us.vonage.com, as host.',
    'Vonage wants numbers as E.164 without +.',
  ],
  settings: {
    codecs: ['pcma', 'pcmu'],
    dtmf: 'rfc4733',
    numberFormat: 'e164-without-plus',
    health: { optionsIntervalSeconds: 60 },
  },
};
