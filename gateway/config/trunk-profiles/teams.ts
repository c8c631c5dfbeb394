import type { TrunkProfile } from './trunk-profile.js';

/**
 * Microsoft Teams direct routing, and what behaves like it.
 * - TLS to `sip.pstnhub.microsoft.com:5061`, with a certificate for the name of this gateway; that name stands in From and Contact; SIPS
 *   URIs and an INVITE with Replaces are refused; OPTIONS must be sent first, or no call comes
 *   (https://learn.microsoft.com/en-us/microsoftteams/direct-routing-protocols-sip).
 * - Media is SRTP (https://learn.microsoft.com/en-us/microsoftteams/direct-routing-plan).
 * - Numbers are +E.164; P-Asserted-Identity and Privacy are understood.
 */
export const teams: TrunkProfile = {
  needs: [
    'Teams wants TLS with a certificate for the name in sip.server.embedded.tls.advertised, and that name as from.domain.',
    'Teams takes no call without SRTP, and sends none before it has had OPTIONS from this side.',
  ],
  settings: {
    host: 'sip.pstnhub.microsoft.com',
    port: 5061,
    transport: 'tls',
    codecs: ['pcma', 'pcmu'],
    srtp: 'required',
    dtmf: 'rfc4733',
    numberFormat: 'e164',
    userPhone: true,
    identity: { headers: ['pai'] },
    health: { optionsIntervalSeconds: 60 },
  },
};
