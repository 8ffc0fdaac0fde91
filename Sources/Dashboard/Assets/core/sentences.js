// What the daemon writes of requests, said in the viewer's language and time zone.
//
// Stored, forwarded and exported text is English, and its times are the city's. Its sentences are few and stand in the catalogue
// under `city-…`: the English one is what is looked for, the viewer's is said with what stood in its places. So all that was ever
// stored is understood, live or old. What the catalogue does not know stays as it is: what people and staff write is theirs.

import { el, said } from './dom.js';
import { siteSettings } from './api.js';
import { currentLanguage, english, keysFrom, locale, number, t } from './strings.js';
import { hour, now, span } from './time.js';

const NUMBER = '-?[\\d.,]*\\d';
const AMOUNT = NUMBER + '(?:e\\+\\d+)?(?: [^\\s\\d.,;:]+)?';
const MOMENT = '\\d\\d:\\d\\d on [A-Z][a-z]+ \\d+ [A-Z][a-z]+';
/// What may stand in a place of that name; in any other, words.
const FORMS = {
  n: '\\d+', id: '\\d+', percent: '\\d+', value: NUMBER, low: NUMBER, high: NUMBER, observed: AMOUNT, expected: AMOUNT, limit: AMOUNT,
  since: MOMENT, when: MOMENT, clock: '\\d\\d:\\d\\d', span: '\\d+ [a-z]+', sensors: '\\d+ sensors?', people: '\\d+ (?:person|people)'
};
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const UNITS_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
/// What is in its own direction, whatever stands around it.
const [ISOLATE, END] = ['\u2068', '\u2069'];

let cityZone = null;
/// Until then times are taken for the viewer's own.
export const isReady = siteSettings().then((settings) => { cityZone = settings.time_zone || null; });

let patterns = null;
const retold = new Map();

/// The text in the viewer's language; null where it is to stay as it is.
export function retell(text) {
  if (!text || (currentLanguage() === 'en' && (!cityZone || offset(now(), cityZone) === offset(now())))) return null;
  if (!retold.has(text)) {
    if (retold.size > 5000) retold.clear();
    retold.set(text, say(text.trim()));
  }
  return retold.get(text);
}

/// A title in the viewer's language. What people report is called after its service: "Water leak: 12 High Street".
export function titled(text) {
  const words = retell(text);
  if (words !== null || currentLanguage() === 'en' || !text) return words ?? text ?? '';
  const key = keysFrom('service-').find((key) => text === english(key) || text.startsWith(english(key) + ': '));
  return key ? t(key) + (text === english(key) ? '' : ': ' + apart(text.slice(english(key).length + 2))) : text;
}

/// A span with it; what stays as it was written is in its own direction.
export function title(text) {
  const words = titled(text);
  return words === text ? said(typeset(text)) : el('span', { text: typeset(words) });
}

/// An element that holds it.
export function telling(tag, props, text) {
  const words = retell(text);
  return el(tag, Object.assign({ text: typeset(words ?? text ?? ''), dir: words === null ? 'auto' : null }, props));
}

/// A share is written as the figures beside it are.
export const shares = (text) => text.replace(/(\d\u2069?)[ \u00a0]%(?![\p{L}\p{N}])/gu, '$1%');

/// As a printer would set it: a figure stays with its unit, and a range has its dash.
export function typeset(text) {
  return shares(text).replace(/(\d) (?=(?:°C|m³\/h|L\/h|km\/h|km|veh\/h|m|dB)(?![\p{L}\p{N}]))/gu, '$1\u00a0').replace(/\((\d[\d.,]*)-(\d[\d.,]*)\)/g, '($1–$2)');
}

/// One sentence after the other, the shortest that fits first: no place holds half of another sentence. null as soon as one of them is
/// unknown, but behind a colon anything may follow.
function say(text) {
  if (text === '') return '';
  patterns = patterns || allPatterns();
  const fitting = patterns.map(({ key, pattern }) => ({ key, found: pattern.exec(text) })).filter(({ found }) => found)
    .sort((a, b) => a.found[0].length - b.found[0].length)
    .map(({ key, found }) => ({ key, groups: found.groups || {}, own: found[0], rest: text.slice(found[0].length).trimStart() }));
  for (const { key, groups, rest } of fitting) {
    const more = say(rest);
    if (more !== null) return more === '' ? fill(key, groups) : fill(key, groups) + ' ' + more;
  }
  const opener = fitting.find(({ own }) => own.endsWith(':'));
  return opener ? fill(opener.key, opener.groups) + ' ' + opener.rest : null;
}

function allPatterns() {
  return keysFrom('city-').filter((key) => !PARTS.has(key)).flatMap((key) => {
    const text = english(key);
    return Object.values(typeof text === 'string' ? { text } : text).map((form) => ({ key, pattern: patternOf(form) }));
  });
}

/// Said inside of others.
const PARTS = new Set(['city-zone', 'city-gateway', 'city-line', 'city-a-sensor', 'city-n-sensors', 'city-n-people', 'city-moment']);

function patternOf(text) {
  const source = text.split(/(\{\w+\})/).map((part) => {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    return name ? `(?<${name}>${FORMS[name] || '.+?'})` : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  }).join('');
  // A title has no end of its own.
  return new RegExp('^' + source + (/[.:]$/.test(text) ? '(?=\\s|$)' : '$'));
}

function fill(key, groups) {
  const words = t(key, Object.fromEntries(Object.entries(groups).map(([name, text]) => [name, value(name, text)])));
  return words.slice(0, 1).toLocaleUpperCase(locale()) + words.slice(1);
}

function value(name, text) {
  switch (name) {
    case 'n': return Number(text);
    case 'id': return text;
    case 'percent': case 'value': case 'low': case 'high': return figure(text);
    case 'observed': case 'expected': case 'limit': return amount(text);
    case 'since': case 'when': return moment(text);
    case 'clock': return hour(instant(text, now()));
    case 'span': return span(parseInt(text, 10) * UNITS_MS[text.split(' ')[1].replace(/s$/, '')]);
    case 'sensors': return t('city-n-sensors', { n: parseInt(text, 10) });
    case 'people': return t('city-n-people', { n: parseInt(text, 10) });
    case 'title': return titled(text);
    default: return place(text);
  }
}

const figure = (text) => number(Number(text.replaceAll(',', '')), 2);

function amount(text) {
  const [size, unit] = text.split(' ');
  const shown = figure(size);
  return !unit || unit === 'bool' ? shown : apart(shown + '\u00a0' + unit);
}

/// A street, a sensor's name, or how the daemon calls what has neither.
function place(text) {
  for (const key of ['city-zone', 'city-gateway', 'city-line']) {
    const found = new RegExp('^' + english(key).replace('{name}', '(.+)') + '$', 'i').exec(text);
    if (found) return t(key, { name: apart(found[1]) });
  }
  return text === english('city-a-sensor') ? t('city-a-sensor') : apart(text);
}

function apart(text) { return document.documentElement.dir === 'rtl' ? ISOLATE + text + END : text; }

/// "02:10 on Friday 1 May", of the year nearest to now in which that day is a Friday.
function moment(text) {
  const [clock, , weekdayName, date, month] = text.split(' ');
  const [hours, minutes] = clock.split(':').map(Number);
  const year = new Date(now()).getUTCFullYear();
  // Within twelve years each day of the year has been each day of the week, but for the 29th of February.
  const all = Array.from({ length: 13 }, (_, back) => Date.UTC(year + 1 - back, MONTHS.indexOf(month), Number(date), hours, minutes));
  const fitting = all.filter((at) => WEEKDAYS[new Date(at).getUTCDay()] === weekdayName);
  const at = fromCity((fitting.length > 0 ? fitting : all).reduce((a, b) => (Math.abs(b - now()) < Math.abs(a - now()) ? b : a)));
  // The names of days are bent in Polish; shortened they are not.
  const weekday = currentLanguage() === 'en' ? 'long' : 'short';
  const day = new Intl.DateTimeFormat(locale(), { weekday, day: 'numeric', month: 'long' }).format(at);
  return t('city-moment', { hour: hour(at), day });
}

/// An hour of the city's clock, on the day of `at`.
function instant(clock, at) {
  const [hours, minutes] = clock.split(':').map(Number);
  const day = new Date(at + offset(at, cityZone));
  return fromCity(Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate(), hours, minutes));
}

/// The instant at which the city's clock shows what UTC shows at `at`.
function fromCity(at) { return at - offset(at - offset(at, cityZone), cityZone); }

/// From UTC to the clock of a zone, of the viewer's own where none is named.
function offset(at, zone) {
  const wholeMs = Math.floor(at / 1000) * 1000;
  if (!zone) return -new Date(wholeMs).getTimezoneOffset() * 60_000;
  const parts = Object.fromEntries(clockOf(zone).formatToParts(wholeMs).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second) - wholeMs;
}

const clocks = new Map();
function clockOf(zone) {
  if (!clocks.has(zone)) {
    clocks.set(zone, new Intl.DateTimeFormat('en-GB', {
      timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' }));
  }
  return clocks.get(zone);
}
