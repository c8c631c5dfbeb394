import { svg, type SVGTemplateResult } from 'lit';

const icon = (path: SVGTemplateResult): SVGTemplateResult => svg`
  <svg viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" stroke-width="2"
    stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">${path}</svg>`;

const HANDSET =
  'M6.6 10.8c1.4 2.8 3.8 5.1 6.6 6.6l2.2-2.2c.3-.3.7-.4 1-.2 1.1.4 2.3.6 3.6.6.6 0 1 .4 1 1V20c0 .6-.4 1-1 1C10.6 21 3 13.4 3 4c0-.6.4-1 1-1h3.5c.6 0 1 .4 1 1 0 1.3.2 2.5.6 3.6.1.3 0 .7-.2 1z';

export const phoneIcon = icon(svg`<path d=${HANDSET} fill="currentColor" stroke="none" />`);
export const hangUpIcon = icon(
  svg`<path d=${HANDSET} fill="currentColor" stroke="none" transform="rotate(135 12 12)" />`,
);
export const microphoneIcon = icon(
  svg`<rect x="9" y="3" width="6" height="11" rx="3" /><path d="M5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21" />`,
);
export const mutedIcon = icon(
  svg`<path d="M9 9v2a3 3 0 0 0 4.5 2.6M15 10V6a3 3 0 0 0-5.8-1M5.5 11a6.5 6.5 0 0 0 10 5.5M18.5 11a6.4 6.4 0 0 1-.5 2.5M12 17.5V21M4 4l16 16" />`,
);
export const backspaceIcon = icon(
  svg`<path d="M9 5h10a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H9l-6-7zM12 9.5l5 5M17 9.5l-5 5" />`,
);
export const checkIcon = icon(
  svg`<circle cx="12" cy="12" r="9" /><path d="M8 12.5l2.8 2.8L16 9.5" />`,
);
export const pauseIcon = icon(svg`<path d="M9 6v12M15 6v12" />`);
export const playIcon = icon(svg`<path d="M8 5.5v13l10.5-6.5z" fill="currentColor" />`);
export const transferIcon = icon(svg`<path d="M4 8h13M13 4l4 4-4 4M20 16H7M11 12l-4 4 4 4" />`);
export const addIcon = icon(svg`<path d="M12 5v14M5 12h14" />`);
export const settingsIcon = icon(
  svg`<path d="M4 7h9M17 7h3M4 17h3M11 17h9" /><circle cx="15" cy="7" r="2" /><circle cx="9" cy="17" r="2" />`,
);
export const alertIcon = icon(
  svg`<circle cx="12" cy="12" r="9" /><path d="M12 7.5v5.5M12 16.3v.2" />`,
);
export const signOutIcon = icon(
  svg`<path d="M10 4H6a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h4M15 8l4 4-4 4M19 12H9" />`,
);
export const keepIcon = icon(
  svg`<circle cx="10" cy="8" r="4" /><path d="M3 20c0-3.6 3-6 7-6 1.3 0 2.5.3 3.5.7M18 14v6M15 17h6" />`,
);
export const editIcon = icon(svg`<path d="M4 20l1-4L16.5 4.5l3 3L8 19z" />`);
export const logo = svg`
  <svg viewBox="0 0 32 32" width="32" height="32" aria-hidden="true" focusable="false">
    <rect width="32" height="32" rx="9" fill="#b5561f" />
    <path d="M6 16h4.5l2.6-6.5 4.6 13 3.2-8.5 1.3 2H26" fill="none" stroke="#fff" stroke-width="2.6"
      stroke-linecap="round" stroke-linejoin="round" />
  </svg>`;
