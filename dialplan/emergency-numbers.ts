/**
 * Emergency numbers by country, as dialled. 112 is known in all GSM networks (3GPP TS 22.101 section 10.1) and is added to every
 * country's own; the list holds the countries whose own numbers differ from it, after ITU-T E.161.1 and the national numbering plans.
 */
const NATIONAL: Readonly<Record<string, readonly string[]>> = {
  AR: ['911', '107', '100', '101'],
  AT: ['122', '133', '140', '144'],
  AU: ['000', '106'],
  BE: ['100', '101'],
  BR: ['190', '192', '193'],
  CA: ['911'],
  CH: ['117', '118', '144', '1414'],
  CL: ['131', '132', '133'],
  CN: ['110', '119', '120'],
  CO: ['123'],
  CZ: ['150', '155', '158'],
  DE: ['110'],
  ES: ['061', '062', '080', '091', '092'],
  FR: ['15', '17', '18', '114', '115', '196'],
  GB: ['999', '18000'],
  GR: ['100', '166', '199'],
  HK: ['999'],
  HU: ['104', '105', '107'],
  ID: ['110', '113', '118'],
  IE: ['999'],
  IL: ['100', '101', '102'],
  IN: ['100', '101', '102', '108'],
  IT: ['113', '115', '118'],
  JP: ['110', '118', '119'],
  KR: ['119'],
  MX: ['911'],
  MY: ['999'],
  NO: ['110', '113'],
  NZ: ['111'],
  PH: ['911'],
  PL: ['997', '998', '999'],
  RU: ['101', '102', '103'],
  SG: ['995', '999'],
  TH: ['191', '199', '1669'],
  TR: ['110', '155', '156'],
  TW: ['110', '119'],
  UA: ['101', '102', '103'],
  US: ['911'],
  ZA: ['10111', '10177'],
};

/** The emergency numbers that are dialled in a country. */
export function emergencyNumbers(country: string): readonly string[] {
  return ['112', ...(NATIONAL[country] ?? [])];
}
