import type { ProgressTone } from '../media-engine.js';

/** One stretch of a tone and the silence behind it. */
interface ToneBurst {
  onMs: number;
  offMs: number;
}

/** How a progress tone sounds: the sum of its frequencies, in bursts that are repeated. */
export interface TonePlan {
  hz: readonly number[];
  /** Modulates the level of the tone, Hz. */
  modulatedBy: number | undefined;
  bursts: readonly ToneBurst[];
}

type CountryTones = Record<ProgressTone, string>;

/** `425 1000/4000`: frequency (`+` sum, `*` modulated by), then bursts as on/off in ms. */
const RECOMMENDED: CountryTones = {
  ringback: '425 1000/4000',
  busy: '425 500/500',
  congestion: '425 250/250',
};
const NORTH_AMERICA: CountryTones = {
  ringback: '440+480 2000/4000',
  busy: '480+620 500/500',
  congestion: '480+620 250/250',
};

const ringing = (ringback: string, busy: string, congestion: string): CountryTones => ({
  ringback,
  busy,
  congestion,
});

/** ITU-T E.180 supplement 2 (the list of tones of national networks), by ISO 3166 code. */
const COUNTRIES: Readonly<Record<string, CountryTones>> = {
  AT: ringing('420 1000/5000', '420 400/400', '420 200/200'),
  AU: ringing('413+438 400/200 400/2000', '425 375/375', '425 375/375'),
  BE: ringing('425 1000/3000', '425 500/500', '425 167/167'),
  BG: ringing('425 1000/4000', '425 500/500', '425 250/250'),
  BR: ringing('425 1000/4000', '425 250/250', '425 250/250 750/250'),
  CA: NORTH_AMERICA,
  CH: ringing('425 1000/4000', '425 500/500', '425 200/200'),
  CL: ringing('400 1000/3000', '400 500/500', '400 200/200'),
  CN: ringing('450 1000/4000', '450 350/350', '450 700/700'),
  CZ: ringing('425 1000/4000', '425 330/330', '425 165/165'),
  DE: ringing('425 1000/4000', '425 480/480', '425 240/240'),
  DK: ringing('425 1000/4000', '425 500/500', '425 200/200'),
  EE: ringing('425 1000/4000', '425 300/300', '425 200/200'),
  ES: ringing('425 1500/3000', '425 200/200', '425 200/200 200/200 200/600'),
  FI: ringing('425 1000/4000', '425 300/300', '425 200/200'),
  FR: ringing('440 1500/3500', '440 500/500', '440 250/250'),
  GB: ringing('400+450 400/200 400/2000', '400 375/375', '400 400/350 225/525'),
  GR: ringing('425 1000/4000', '425 300/300', '425 200/200'),
  HU: ringing('425 1250/3750', '425 300/300', '425 300/300'),
  ID: ringing('425 1000/4000', '425 500/500', '425 250/250'),
  IE: ringing('400+450 400/200 400/2000', '425 500/500', '425 250/250'),
  IL: ringing('400 1000/3000', '400 500/500', '400 250/250'),
  IN: ringing('400*25 400/200 400/2000', '400 750/750', '400 250/250'),
  IT: ringing('425 1000/4000', '425 500/500', '425 200/200'),
  JP: ringing('400*16 1000/2000', '400 500/500', '400 500/500'),
  LT: ringing('425 1000/4000', '425 350/350', '425 200/200'),
  MX: ringing('425 1000/4000', '425 250/250', '425 250/250'),
  MY: ringing('425 400/200 400/2000', '425 500/500', '425 500/500'),
  NL: ringing('425 1000/4000', '425 500/500', '425 250/250'),
  NO: ringing('425 1000/4000', '425 500/500', '425 200/200'),
  NZ: ringing('400+450 400/200 400/2000', '400 500/500', '400 250/250'),
  PH: ringing('425+480 1000/4000', '480+620 500/500', '480+620 250/250'),
  PL: ringing('425 1000/4000', '425 500/500', '425 500/500'),
  PT: ringing('425 1000/5000', '425 500/500', '425 200/200'),
  RU: ringing('425 1000/4000', '425 350/350', '425 175/175'),
  SE: ringing('425 1000/5000', '425 250/250', '425 250/750'),
  SG: ringing('425*24 400/200 400/2000', '425 750/750', '425 250/250'),
  TH: ringing('420 1000/5000', '400 500/500', '400 300/300'),
  TW: ringing('440+480 1000/2000', '480+620 500/500', '480+620 250/250'),
  US: NORTH_AMERICA,
  VE: ringing('425 1000/4000', '425 500/500', '425 250/250'),
  ZA: ringing('400*33 400/200 400/2000', '400 500/500', '400 250/250'),
};

/** The countries whose tones are known; others sound as ITU-T E.180 recommends. */
export const TONE_COUNTRIES: readonly string[] = Object.keys(COUNTRIES);

export function tonePlan(tone: ProgressTone, country: string): TonePlan {
  const tones = COUNTRIES[country.toUpperCase()] ?? RECOMMENDED;
  const [sound = '', ...bursts] = tones[tone].split(' ');
  const [sum = '', modulatedBy] = sound.split('*');
  return {
    hz: sum.split('+').map(Number),
    modulatedBy: modulatedBy === undefined ? undefined : Number(modulatedBy),
    bursts: bursts.map((burst) => {
      const [onMs = 0, offMs = 0] = burst.split('/').map(Number);
      return { onMs, offMs };
    }),
  };
}
