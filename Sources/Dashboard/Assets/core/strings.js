// Every word of the pages comes from a catalogue under strings/. English is complete; what another lacks is said in English.

import en from '/assets/strings/en.js';

export const LANGUAGES = { en: 'English', pl: 'Polski', ur: 'اردو' };
const RIGHT_TO_LEFT = new Set(['ur']);
const KEPT = 'sluice.language';

let language = 'en';
let words = en;
let plural = new Intl.PluralRules('en');
let numbers = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 1 });

/// The address's language, else the one chosen before, else the first of the browser's that there is.
export async function chooseLanguage() {
  const wanted = [new URLSearchParams(location.search).get('lang'), kept(), ...(navigator.languages || [])];
  const found = wanted.filter(Boolean).map((tag) => tag.toLowerCase().split('-')[0]).find((tag) => LANGUAGES[tag]);
  language = found || 'en';
  if (language !== 'en') {
    try { words = Object.assign({}, en, (await import('/assets/strings/' + language + '.js')).default); } catch { language = 'en'; }
  }
  plural = new Intl.PluralRules(language);
  numbers = new Intl.NumberFormat(locale(), { maximumFractionDigits: 1 });
  document.documentElement.lang = language;
  document.documentElement.dir = RIGHT_TO_LEFT.has(language) ? 'rtl' : 'ltr';
}

function kept() { try { return localStorage.getItem(KEPT); } catch { return null; } }

export function keepLanguage(tag) { try { localStorage.setItem(KEPT, tag); } catch { /* then it is chosen anew next time */ } }

export function currentLanguage() { return language; }

/// What Intl is asked with: the viewer's own region where the language is theirs.
export function locale() {
  const own = (navigator.languages || []).find((tag) => tag.toLowerCase().split('-')[0] === language);
  return own || (language === 'en' ? 'en-GB' : language);
}

/// The sentence of that name with its `{places}` filled. One with plural forms chooses by `n`.
export function t(key, values = {}) {
  let text = words[key];
  if (text === undefined) return key;
  if (typeof text === 'object') text = text[plural.select(Number(values.n))] || text.other;
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    if (value === undefined) return whole;
    if (typeof value === 'number') return numbers.format(value);
    // A moment or a name beside other figures stays whole where the text runs from the right. What is whole in parts keeps its direction.
    return RIGHT_TO_LEFT.has(language) && /^[^\u2068]*[0-9A-Za-z][^\u2068]*$/.test(value) ? '\u2068' + value + '\u2069' : String(value);
  });
}

/// What it is in English, whatever the viewer's language.
export function english(key) { return en[key]; }

/// The names of all sentences that begin so.
export function keysFrom(prefix) { return Object.keys(en).filter((key) => key.startsWith(prefix)); }

export function has(key) { return words[key] !== undefined; }

/// A number for people: grouped, at most `digits` behind the point; a dash for none.
export function number(value, digits = 1) {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  if (digits === 1) return numbers.format(value);
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value);
}

/// Names, one after the other, as the language has it.
export function list(names) { return new Intl.ListFormat(locale(), { type: 'conjunction' }).format(names); }

/// An estimate for people: two digits that count, for more would be more than anybody knows.
export function rough(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  return new Intl.NumberFormat(locale(), { maximumSignificantDigits: 2 }).format(value);
}

export function percent(share, digits = 0) {
  if (share === null || share === undefined || !Number.isFinite(share)) return '–';
  return new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: digits }).format(share);
}
