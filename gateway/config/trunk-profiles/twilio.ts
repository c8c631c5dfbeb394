import type { TrunkProfile } from './trunk-profile.js';

/**
 * Twilio Elastic SIP Trunking.
 * - The host of the request-URI is the trunk's termination domain, `NAME.pstn.twilio.com`: without it Twilio does not know whose call
 *   it is (https://www.twilio.com/docs/sip-trunking/sending-sip-to-twilio-best-practices).
 * - Numbers are E.164 with `+`; who may call is an IP access control list or a credential list; Twilio does not register and is not
 *   registered at: its calls come from its addresses (https://www.twilio.com/docs/sip-trunking,
 *   https://www.twilio.com/docs/sip-trunking/ip-addresses).
 * - G.711 both ways (https://www.twilio.com/docs/sip-trunking/codecs).
 */
export const twilio: TrunkProfile = {
  needs: [
    'Twilio wants the termination domain NAME.pstn.twilio.com as host.',
    'Twilio wants numbers as +E.164, and a caller number that is yours or verified.',
    'Twilio calls in from its own addresses: list them in inbound.networks.',
  ],
  settings: {
    codecs: ['pcmu', 'pcma'],
    dtmf: 'rfc4733',
    numberFormat: 'e164',
    health: { optionsIntervalSeconds: 60 },
  },
};
