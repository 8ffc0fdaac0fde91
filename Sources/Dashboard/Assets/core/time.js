// Times: in the time zone of whoever looks; ages by the daemon's clock.

import { el } from './dom.js';
import { locale, t } from './strings.js';

let heard = null;   // the daemon's clock, and ours when it told us
const formats = new Map();

function format(name, options) {
  if (!formats.has(name)) formats.set(name, new Intl.DateTimeFormat(locale(), options));
  return formats.get(name);
}

/// Between two tellings it runs at our pace. The demo's runs faster: it jumps at each telling, and is never ahead.
export function now() { return heard ? heard.theirs + (performance.now() - heard.ours) : Date.now(); }

export function hearClock(value) {
  const theirs = Number(value);
  if (!value || !Number.isFinite(theirs)) return;
  heard = { theirs, ours: performance.now() };
  retell();
}

/// Milliseconds of whatever the server writes: a number, or text with an offset. null for nothing.
export function ms(value) {
  if (value === null || value === undefined || value === '') return null;
  const found = typeof value === 'number' ? value : Date.parse(value);
  return Number.isFinite(found) ? found : null;
}

export const hour = (at) => format('hour', { timeStyle: 'short' }).format(at);
export const day = (at) => format('day', { weekday: 'short', day: 'numeric', month: 'short' }).format(at);
export const date = (at) => format('date', { day: 'numeric', month: 'short', year: 'numeric' }).format(at);
export const month = (at) => format('month', { month: 'short', year: 'numeric' }).format(at);
export const short = (at) => format('short', { day: 'numeric', month: 'short' }).format(at);
export const full = (at) => format('full', { dateStyle: 'full', timeStyle: 'long' }).format(at);

/// The hour alone today, else with the day; with the year where it is another.
export function when(at) {
  return isSameDay(at, now()) ? hour(at) : dayAndHour(at);
}

/// Both ends of a stretch of time, as `{ from, to }`: with the day as soon as one of them lies on another.
export function ends(from, to) {
  const tell = isSameDay(from, now()) && isSameDay(to, now()) ? hour : dayAndHour;
  return { from: tell(from), to: tell(to) };
}

function dayAndHour(at) {
  const isThisYear = new Date(at).getFullYear() === new Date(now()).getFullYear();
  return (isThisYear ? day(at) : date(at)) + ', ' + hour(at);
}

const isSameDay = (a, b) => new Date(a).toDateString() === new Date(b).toDateString();

const STEPS = [['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000]];

/// "5 hours ago", never ahead of now.
export function ago(at) {
  const passed = Math.max(0, now() - at);
  if (passed < 60_000) return t('just-now');
  const [unit, step] = STEPS.find(([unit, step]) => passed >= (unit === 'day' ? 2 * step : step));
  const words = new Intl.RelativeTimeFormat(locale(), { numeric: 'always' });
  return words.format(-Math.floor(passed / step), unit);
}

/// A span in its largest fitting unit: "42 minutes", "3.5 hours", "2 days".
export function span(lengthMs) {
  if (lengthMs === null || lengthMs === undefined || !Number.isFinite(lengthMs)) return '–';
  const size = Math.abs(lengthMs);
  const [unit, step] = size >= 2 * 86_400_000 ? STEPS[0] : size >= 2 * 3_600_000 ? STEPS[1] : STEPS[2];
  const digits = unit === 'minute' ? 0 : 1;
  return new Intl.NumberFormat(locale(), {
    style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: digits
  }).format(lengthMs / step);
}

const told = new Set();

/// A time that keeps telling its age. `how`: 'since' and 'at-ago' (hour and age), 'closed-ago' and 'ago' (age), 'at' (hour and day).
export function time(at, how = 'at') {
  if (at === null || at === undefined) return el('span', { text: '–' });
  const made = el('time', { datetime: new Date(at).toISOString(), title: full(at) });
  const entry = { made: new WeakRef(made), at, how };
  tell(made, entry);
  if (how !== 'at') told.add(entry);
  return made;
}

function tell(made, { at, how }) {
  const text = how === 'at' ? when(at) : how === 'ago' ? ago(at) : t(how, { when: when(at), ago: ago(at) });
  if (made.textContent !== text) made.textContent = text;
}

/// Tells every age again, and forgets those that are no longer shown.
export function retell() {
  for (const entry of told) {
    const made = entry.made.deref();
    if (!made) told.delete(entry);
    else if (made.isConnected) tell(made, entry);
  }
  for (const listener of listeners) listener();
}

const listeners = new Set();
export function onClock(listener) { listeners.add(listener); }

export function zone() {
  const name = Intl.DateTimeFormat().resolvedOptions().timeZone || '';
  const part = format('zone', { timeZoneName: 'short' }).formatToParts(now()).find(({ type }) => type === 'timeZoneName');
  return part && part.value !== name ? name.replaceAll('_', ' ') + ', ' + part.value : name;
}

setInterval(retell, 20_000);
