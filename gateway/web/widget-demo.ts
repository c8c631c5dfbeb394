import type { FastifyInstance } from 'fastify';

/** What a shop owner pastes, on a page that has nothing else; only in the demo. */
const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <link rel="icon" href="data:," />
    <title>Copperline: click to call</title>
  </head>
  <body>
    <h1>A page of a shop</h1>
    <p>The button in the corner calls the demo carrier: its phone menu (700) or its echo (600).</p>
    <script src="./widget.js" data-site="demo" async></script>
  </body>
</html>
`;

/** GET /widget-demo.html */
export function serveWidgetDemo(app: FastifyInstance): void {
  app.get('/widget-demo.html', (_request, reply) =>
    reply.header('Cache-Control', 'no-cache').type('text/html; charset=utf-8').send(PAGE),
  );
}
