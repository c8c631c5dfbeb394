import type { TrunkProfile } from './trunk-profile.js';

/**
 * Asterisk and FreePBX (PJSIP).
 * - An endpoint is found by its `identify` section (`match`, an address or a host name) or by the user of From
 *   (https://docs.asterisk.org/Latest_API/API_Documentation/Module_Configuration/res_pjsip_endpoint_identifier_ip/).
 * - Extensions are short numbers, so nothing is rewritten. P-Asserted-Identity counts with `trust_id_inbound=yes`; without
 *   `user_eq_phone` no `user=phone` is wanted; `qualify_frequency` is the same OPTIONS as ours
 *   (https://docs.asterisk.org/Latest_API/API_Documentation/Module_Configuration/res_pjsip/).
 */
export const asterisk: TrunkProfile = {
  needs: [
    'Asterisk must know this gateway by an identify section, or by registration.',
    'Asterisk believes P-Asserted-Identity with trust_id_inbound=yes.',
  ],
  settings: {
    codecs: ['g722', 'pcma', 'pcmu'],
    dtmf: 'rfc4733',
    numberFormat: 'as-is',
    identity: { headers: ['pai'] },
    health: { optionsIntervalSeconds: 30 },
  },
};
