import type { VisitFailure } from './visit-types.js';

/** Everything that the widget says. */
export interface Messages {
  call: string;
  hangUp: string;
  mute: string;
  unmute: string;
  keypad: string;
  close: string;
  again: string;
  remember: string;
  then: string;
  choose: string;
  closed: string;
  hours: string;
  daily: string;
  callNumber: string;
  microphone: string;
  checking: string;
  connecting: string;
  ringing: string;
  talking: string;
  ended: string;
  failures: Readonly<Record<VisitFailure, string>>;
}

type Words = readonly string[];

/** In the order of KEYS and FAILURES; written so to keep the loader small. */
const KEYS = [
  'call',
  'hangUp',
  'mute',
  'unmute',
  'keypad',
  'close',
  'again',
  'remember',
  'then',
  'choose',
  'closed',
  'hours',
  'daily',
  'callNumber',
  'microphone',
  'checking',
  'connecting',
  'ringing',
  'talking',
  'ended',
] as const;

const FAILURES = [
  'microphone-denied',
  'microphone-missing',
  'unsupported',
  'closed',
  'all-busy',
  'busy',
  'no-answer',
  'unreachable',
  'lost',
  'failed',
] as const satisfies readonly VisitFailure[];

const CATALOGUE: Readonly<Record<string, Words>> = {
  en: [
    'Call us',
    'Hang up',
    'Mute',
    'Unmute',
    'Keypad',
    'Close',
    'Call again',
    'Remember',
    'then',
    'Whom would you like to call?',
    'We are closed right now.',
    'Opening hours',
    'Every day',
    'Call {number}',
    'Please allow the microphone.',
    'One moment…',
    'Connecting…',
    'Ringing…',
    'In call',
    'The call is over.',
    'The microphone is not allowed. Allow it for this page in the browser and call again.',
    'No microphone could be opened. Plug one in or close the program that uses it, and call again.',
    'This browser cannot make calls from this page.',
    'We are closed right now.',
    'All lines are busy. Please try again later.',
    'The line is busy. Please try again later.',
    'Nobody answered. Please try again later.',
    'We cannot be reached right now. Please try again later.',
    'The connection was lost.',
    'The call did not go through.',
  ],
  de: [
    'Anrufen',
    'Auflegen',
    'Stumm schalten',
    'Stumm aus',
    'Tasten',
    'Schließen',
    'Noch einmal anrufen',
    'Merken',
    'dann',
    'Wen möchten Sie anrufen?',
    'Wir haben gerade geschlossen.',
    'Öffnungszeiten',
    'Täglich',
    '{number} anrufen',
    'Bitte erlauben Sie das Mikrofon.',
    'Einen Moment…',
    'Verbinden…',
    'Es klingelt…',
    'Im Gespräch',
    'Das Gespräch ist beendet.',
    'Das Mikrofon ist nicht erlaubt. Erlauben Sie es im Browser für diese Seite und rufen Sie erneut an.',
    'Kein Mikrofon ließ sich öffnen. Schließen Sie eines an oder beenden Sie das Programm, das es benutzt.',
    'Dieser Browser kann von dieser Seite aus nicht anrufen.',
    'Wir haben gerade geschlossen.',
    'Alle Leitungen sind belegt. Bitte versuchen Sie es später noch einmal.',
    'Es ist besetzt. Bitte versuchen Sie es später noch einmal.',
    'Niemand hat abgenommen. Bitte versuchen Sie es später noch einmal.',
    'Wir sind gerade nicht erreichbar. Bitte versuchen Sie es später noch einmal.',
    'Die Verbindung ist abgerissen.',
    'Der Anruf kam nicht zustande.',
  ],
  es: [
    'Llámenos',
    'Colgar',
    'Silenciar',
    'Activar micrófono',
    'Teclado',
    'Cerrar',
    'Llamar de nuevo',
    'Recordar',
    'luego',
    '¿A quién desea llamar?',
    'Ahora está cerrado.',
    'Horario',
    'Todos los días',
    'Llamar al {number}',
    'Permita el uso del micrófono.',
    'Un momento…',
    'Conectando…',
    'Llamando…',
    'En llamada',
    'La llamada ha terminado.',
    'El micrófono no está permitido. Permítalo para esta página en el navegador y llame de nuevo.',
    'No se pudo abrir ningún micrófono. Conecte uno o cierre el programa que lo usa.',
    'Este navegador no puede llamar desde esta página.',
    'Ahora está cerrado.',
    'Todas las líneas están ocupadas. Inténtelo más tarde.',
    'La línea está ocupada. Inténtelo más tarde.',
    'Nadie contestó. Inténtelo más tarde.',
    'No es posible contactarnos ahora. Inténtelo más tarde.',
    'Se perdió la conexión.',
    'No se pudo realizar la llamada.',
  ],
  pt: [
    'Ligue-nos',
    'Desligar',
    'Silenciar',
    'Ativar som',
    'Teclado',
    'Fechar',
    'Ligar de novo',
    'Memorizar',
    'depois',
    'Para quem deseja ligar?',
    'Estamos fechados agora.',
    'Horário',
    'Todos os dias',
    'Ligar para {number}',
    'Permita o uso do microfone.',
    'Um momento…',
    'A ligar…',
    'A chamar…',
    'Em chamada',
    'A chamada terminou.',
    'O microfone não está permitido. Permita-o para esta página no navegador e ligue de novo.',
    'Não foi possível abrir um microfone. Ligue um ou feche o programa que o usa.',
    'Este navegador não consegue fazer chamadas desta página.',
    'Estamos fechados agora.',
    'Todas as linhas estão ocupadas. Tente mais tarde.',
    'A linha está ocupada. Tente mais tarde.',
    'Ninguém atendeu. Tente mais tarde.',
    'Não é possível contactar-nos agora. Tente mais tarde.',
    'A ligação perdeu-se.',
    'A chamada não foi concluída.',
  ],
  fr: [
    'Nous appeler',
    'Raccrocher',
    'Couper le micro',
    'Rétablir le micro',
    'Clavier',
    'Fermer',
    'Rappeler',
    'Mémoriser',
    'puis',
    'Qui souhaitez-vous appeler ?',
    'Nous sommes fermés en ce moment.',
    'Horaires',
    'Tous les jours',
    'Appeler le {number}',
    'Veuillez autoriser le micro.',
    'Un instant…',
    'Connexion…',
    'Ça sonne…',
    'En communication',
    'L’appel est terminé.',
    'Le micro n’est pas autorisé. Autorisez-le pour cette page dans le navigateur, puis rappelez.',
    'Aucun micro n’a pu être ouvert. Branchez-en un ou fermez le programme qui l’utilise.',
    'Ce navigateur ne peut pas appeler depuis cette page.',
    'Nous sommes fermés en ce moment.',
    'Toutes les lignes sont occupées. Réessayez plus tard.',
    'La ligne est occupée. Réessayez plus tard.',
    'Personne n’a répondu. Réessayez plus tard.',
    'Nous sommes injoignables pour le moment. Réessayez plus tard.',
    'La connexion a été perdue.',
    'L’appel n’a pas abouti.',
  ],
  ja: [
    '電話する',
    '切る',
    'ミュート',
    'ミュート解除',
    'キーパッド',
    '閉じる',
    'もう一度電話する',
    '記憶する',
    '→',
    'どちらにおかけになりますか。',
    'ただいま営業時間外です。',
    '営業時間',
    '毎日',
    '{number} に電話する',
    'マイクの使用を許可してください。',
    '少々お待ちください…',
    '接続中…',
    '呼び出し中…',
    '通話中',
    '通話が終了しました。',
    'マイクが許可されていません。ブラウザーでこのページに許可して、もう一度おかけください。',
    'マイクを開けません。接続するか、使用中のプログラムを閉じてください。',
    'このブラウザーではこのページから電話できません。',
    'ただいま営業時間外です。',
    'すべての回線が混み合っています。後でおかけ直しください。',
    '話し中です。後でおかけ直しください。',
    '応答がありません。後でおかけ直しください。',
    'ただいまつながりません。後でおかけ直しください。',
    '接続が切れました。',
    '電話がつながりませんでした。',
  ],
};

/** The first language of the wish list that the widget speaks. */
export function chooseLanguage(wanted: readonly string[]): string {
  const spoken = wanted.map((tag) => tag.toLowerCase().split('-')[0] ?? '');
  return spoken.find((tag) => Object.hasOwn(CATALOGUE, tag)) ?? 'en';
}

export function messagesIn(language: string): Messages {
  const words = CATALOGUE[language] ?? CATALOGUE['en'] ?? [];
  const named = (keys: readonly string[], from: number): Record<string, string> =>
    Object.fromEntries(keys.map((key, index) => [key, words[from + index] ?? '']));
  return {
    ...named(KEYS, 0),
    failures: named(FAILURES, KEYS.length),
  } as unknown as Messages; // KEYS and FAILURES name all keys of Messages; a list of names has no type of its own.
}

/** For the test that every language says everything. */
export const LANGUAGES: Readonly<Record<string, Words>> = CATALOGUE;
