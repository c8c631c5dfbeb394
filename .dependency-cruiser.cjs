/** The import arrows of ARCHITECTURE.md, section "Arrows". A forbidden import fails `npm run arrows`. */
const allow = (name, from, to, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from, pathNot: '\\.test\\.ts$' },
  to: {
    path: '^(gateway|dialplan|webclient|test|drachtio-srf|node_modules/(drachtio-srf|sip\\.js|fastify|ws|@roamhq))',
    pathNot: to,
  },
});
const kernel = '^gateway/kernel/';
const npmSip = 'node_modules/drachtio-srf/';
module.exports = {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphan-resolution', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-test-in-product',
      severity: 'error',
      from: { path: '^(gateway|dialplan|webclient)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^test/|\\.test\\.ts$' },
    },
    {
      name: 'no-dev-dependency-in-product',
      severity: 'error',
      from: { path: '^(gateway|dialplan)/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['npm-dev'] },
    },
    allow('kernel', kernel, [kernel], 'kernel imports node (and pino) only'),
    allow('config', '^gateway/config/', [kernel, '^gateway/config/'], 'config: kernel'),
    allow('dialplan', '^dialplan/', ['^dialplan/'], 'dialplan is pure'),
    allow(
      'sip-server',
      '^gateway/sip-server/',
      [kernel, '^gateway/sip-server/', 'node_modules/ws/'],
      'the SIP server knows nothing of calls, trunks, media',
    ),
    allow(
      'media-base',
      '^gateway/media/((media-engine|media-statistics|leg-name)\\.ts|sdp|rtp|dtmf|codecs|sounds|srtp|ice|dtls)',
      [
        kernel,
        '^gateway/media/((media-engine|media-statistics|leg-name)\\.ts|sdp|rtp|dtmf|codecs|sounds|srtp|ice|dtls)',
        'node_modules/@evan/opus',
      ],
      'media building blocks',
    ),
    allow(
      'media-relay',
      '^gateway/media/relay/',
      [kernel, '^gateway/media/(media-engine\\.ts|sdp|rtp|dtmf|codecs|sounds|srtp|ice|dtls|relay)'],
      'engines never import each other',
    ),
    allow(
      'media-rtpengine',
      '^gateway/media/rtpengine/',
      [kernel, '^gateway/media/(media-engine\\.ts|sdp|rtp|dtmf|codecs|sounds|srtp|rtpengine)'],
      'engines never import each other',
    ),
    allow(
      'media-wrtc',
      '^gateway/media/wrtc/',
      [
        kernel,
        '^gateway/media/(media-engine\\.ts|sdp|rtp|dtmf|codecs|sounds|wrtc)',
        'node_modules/@roamhq/wrtc',
      ],
      'engines never import each other',
    ),
    allow(
      'media-workers',
      '^gateway/media/workers/',
      [kernel, '^gateway/media/(media-engine\\.ts|workers|relay|wrtc)'],
      'workers host engines',
    ),
    allow(
      'signaling',
      '^gateway/signaling/',
      [kernel, '^gateway/signaling/', '^dialplan/', npmSip],
      'signaling',
    ),
    allow(
      'trunks',
      '^gateway/trunks/',
      [kernel, '^gateway/trunks/', '^gateway/signaling/', '^dialplan/', npmSip],
      'trunks',
    ),
    allow(
      'calls',
      '^gateway/calls/',
      [
        kernel,
        '^gateway/(calls|signaling|trunks)/',
        '^dialplan/',
        '^gateway/media/media-engine\\.ts$',
      ],
      'calls see media only through its interface, and SIP only through signaling',
    ),
    allow(
      'web',
      '^gateway/web/',
      [
        kernel,
        '^gateway/web/',
        '^gateway/(signaling|calls)/',
        'node_modules/(ws|fastify|@fastify)/',
      ],
      'web',
    ),
    allow(
      'ops',
      '^gateway/ops/',
      [kernel, '^gateway/ops/', '^gateway/calls/'],
      'ops listens to the events of calls',
    ),
    allow(
      'demo',
      '^gateway/demo/',
      [kernel, '^gateway/demo/', '^gateway/sip-server/', npmSip],
      'the demo carrier shares no code with calls or media',
    ),
    {
      name: 'sip.js-in-phone-only',
      severity: 'error',
      from: { path: '^(gateway|dialplan|webclient/(softphone|widget))' },
      to: { path: 'node_modules/sip\\.js' },
    },
    {
      name: 'webclient-never-gateway',
      severity: 'error',
      from: { path: '^webclient/' },
      to: { path: '^(gateway|dialplan)/' },
    },
    {
      name: 'only-app-names-implementations',
      severity: 'error',
      from: {
        path: '^(gateway|dialplan)/',
        pathNot:
          '^gateway/(app|app-media|main|cli)\\.ts$|^gateway/media/(workers|relay|wrtc|rtpengine)/|\\.test\\.ts$',
      },
      to: { path: '^gateway/media/(relay|wrtc|rtpengine|workers)/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
