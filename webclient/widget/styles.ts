/** Constructable, so that a Content-Security-Policy without 'unsafe-inline' allows it. */
const CSS = `
:host { --_accent: var(--copperline-accent, #a64b16); --_on-accent: var(--copperline-on-accent, #fff);
  --_surface: var(--copperline-surface, #fff); --_text: var(--copperline-text, #221c17); --_line: var(--copperline-line, #d9cfc6);
  --_radius: var(--copperline-radius, 16px); display: inline-block; position: relative; color-scheme: light dark;
  font: 16px/1.4 var(--copperline-font, system-ui, sans-serif); color: var(--_text); text-align: start; }
@media (prefers-color-scheme: dark) { :host { --_accent: var(--copperline-accent, #b5561f);
  --_surface: var(--copperline-surface, #1d2026); --_text: var(--copperline-text, #f1efec); --_line: var(--copperline-line, #454b55); } }
:host([floating]) { position: fixed; inset-block-end: max(16px, env(safe-area-inset-bottom)); inset-inline-end: 16px; z-index: 2147483000; }
:host([hidden]), [hidden] { display: none !important; }
* { box-sizing: border-box; }
button, a { font: inherit; cursor: pointer; border: 1px solid transparent; border-radius: 999px; padding: 10px 16px; min-height: 44px;
  background: transparent; color: inherit; text-decoration: none; display: inline-flex; gap: 8px; align-items: center; justify-content: center; }
button:focus-visible, a:focus-visible { outline: 3px solid var(--_accent); outline-offset: 2px; }
.launch, .again, .tel { background: var(--_accent); color: var(--_on-accent); font-weight: 600; }
.launch { box-shadow: 0 6px 20px -6px rgb(0 0 0 / 45%); }
.launch.closed { background: var(--_surface); color: var(--_text); border-color: var(--_line); }
svg { inline-size: 20px; block-size: 20px; fill: currentColor; flex: none; }
.panel { background: var(--_surface); border: 1px solid var(--_line); border-radius: var(--_radius); padding: 16px; inline-size: min(320px, calc(100vw - 32px));
  box-shadow: 0 16px 40px -12px rgb(0 0 0 / 40%); position: absolute; z-index: 1; inset-block-end: calc(100% + 10px); inset-inline-start: 0; display: grid; gap: 12px; }
:host([floating]) .panel { inset-inline: auto 0; }
.head { display: flex; align-items: center; gap: 8px; }
.title { font-weight: 600; flex: 1; overflow-wrap: anywhere; }
.x { padding: 0; inline-size: 44px; margin: -8px; font-size: 22px; }
.status { margin: 0; overflow-wrap: anywhere; } .timer { font-variant-numeric: tabular-nums; }
.call, .pad { display: grid; gap: 12px; } .timer { margin-block-start: -12px; }
.row:empty { display: none; } .row { display: flex; flex-wrap: wrap; gap: 8px; } .row > * { flex: 1; }
.plain { border-color: var(--_line); } .plain[aria-pressed=true] { background: var(--_text); color: var(--_surface); }
.stop { background: #c3272b; color: #fff; font-weight: 600; }
.keys { display: grid; grid-template-columns: repeat(3, 1fr); gap: 8px; }
.keys button { border-color: var(--_line); border-radius: 12px; font-size: 20px; }
ul { margin: 0; padding: 0; list-style: none; }
@media (prefers-reduced-motion: no-preference) { .panel { animation: in 140ms ease-out; } @keyframes in { from { opacity: 0; translate: 0 6px; } } }
`;

let sheet: CSSStyleSheet | undefined;

/** One for all elements of the page. */
export function widgetStyles(): CSSStyleSheet {
  if (sheet === undefined) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
  }
  return sheet;
}
