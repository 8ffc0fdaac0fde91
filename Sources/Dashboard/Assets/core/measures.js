// Figures of /api/measures in words; and where more happens than is expected there.

import { getIfAny } from './api.js';
import { has, percent, rough, t } from './strings.js';
import { span } from './time.js';

/// A value with its unit: a share, a span of seconds, or an amount.
export function amount(value, unit) {
  if (value === null || value === undefined) return '–';
  if (unit === 'share') return percent(value);
  if (unit === 'seconds') return span(value * 1000);
  // What was saved is reckoned, not counted.
  return rough(value);
}

/// SHARE, SPAN and SAVED of the API as one shape: { value, low, high, of, unit }.
export function figure(entry) {
  if (!entry) return null;
  if ('share' in entry) return { value: entry.share, low: entry.low, high: entry.high, of: entry.of, unit: 'share' };
  if ('median_s' in entry) return { value: entry.median_s, low: entry.low_s, high: entry.high_s, of: entry.count + (entry.waiting || 0), waiting: entry.waiting, unit: 'seconds' };
  return { value: entry.value, low: entry.low, high: entry.high, of: entry.requests, unit: entry.unit };
}

/// The value of a figure, or what is known of it: of a median that lies beyond what has ended so far, what it is longer than.
export function told({ value, low, waiting, unit }) {
  const isBeyond = value === null && waiting > 0 && low > 0;
  return isBeyond ? t('longer-than', { span: amount(low, unit) }) : amount(value, unit);
}

/// What a figure is made of, in words; `name` is the measure's.
export function madeOf(name, { of, waiting }) {
  const whole = has('of-' + name) ? t('of-' + name, { n: of }) : t('goal-of', { n: of });
  return waiting > 0 ? whole + ', ' + t('still-waiting', { n: waiting }) : whole;
}

export function range({ low, high, waiting, unit }) {
  // Of what waits nobody knows yet how long it will have been.
  if (waiting > 0 && low > 0 && high === null) return t('at_least', { target: amount(low, unit) });
  if (low === null || low === undefined || high === null || high === undefined) return '';
  return t('goal-range', { low: amount(low, unit), high: amount(high, unit) });
}

export const MEASURES = ['detected_before_reported', 'lead_time', 'time_to_acknowledge', 'time_to_close', 'on_time', 'emptied_in_time', 'false_alarms'];

const LONGEST_DAYS = 91;

/// Each place against its own past: over the `days` that are asked for, or else over the longest stretch of which the past is known.
/// `query` is that of /api/hotspots without them.
export async function hotspots(query, days = '') {
  let found = null;
  for (const stretch of [days, 28, 7].map(Number).filter((stretch) => stretch >= 1 && stretch <= LONGEST_DAYS)) {
    found = await getIfAny('/api/hotspots?' + new URLSearchParams(Object.assign({ days: stretch }, query)));
    if (!found || found.places.some((place) => place.claim === 'tested')) return found;
  }
  return found;
}
