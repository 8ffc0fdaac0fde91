// What things are called, for people.

import { el, said } from './dom.js';
import { title } from './sentences.js';
import { english, has, number, t } from './strings.js';
import { href } from './address.js';

const or = (key, fallback) => (has(key) ? t(key) : fallback);

export const severityName = (level) => or('severity-' + level, String(level));
export const statusName = (status) => or('status-' + status, status);
export const kindName = (kind) => or('kind-' + kind, kind);
export const quantityName = (name) => or('quantity-' + name, or('quantity-' + String(name).split('_')[0], name));
export const ruleName = (name) => or('rule-' + name, name);
/// Contacts have no unit: wet or dry.
export const unitName = (unit) => (unit === 'bool' ? '' : unit || '');
/// What a contact's figures mean, from 0 on; null for what is measured in numbers.
export const levelsOf = (unit) => (unit === 'bool' ? [t('level-dry'), t('level-wet')] : null);
export const levelName = (value, levels) => (levels && levels[value]) || number(value);
/// The server's name of a service, said in the viewer's language as long as it is the usual name.
export const serviceName = ({ service_code: code, service_name: name }) => (has('service-' + code) && (!name || name === english('service-' + code)) ? t('service-' + code) : name || code);
export const measureName = (name, fallback) => or('measure-' + name, fallback || name);

/// A word with a colour and never a colour alone.
export function severity(level) {
  return el('span', { class: 'severity', data: { level }, text: severityName(level) });
}

export function requestLink(id, text) {
  return el('a', { href: href('/request', { id }) }, text === undefined ? '#' + id : title(text));
}

export function sensorLink(id) {
  return el('a', { href: href('/sensors', { id }) }, said(id));
}

/// What a rule speaks of: a sensor, or the gateway that has gone quiet.
export function sourceLink(id, rule) {
  return rule === 'gateway-silence' ? el('a', { href: href('/sensors', { gateway: id }) }, said(id)) : sensorLink(id);
}

/// A street and its ward, without saying the ward twice.
export function placeOf(address, ward) {
  if (!ward || (address || '').includes(ward)) return address || '';
  return [address, ward].filter(Boolean).join(', ');
}

/// A link to an address that somebody sent: to the web, or as text alone.
export function foreignLink(address, text) {
  let isWeb = false;
  try { isWeb = /^https?:$/.test(new URL(address, location.href).protocol); } catch { /* no address */ }
  return isWeb ? el('a', { href: address, rel: 'noopener noreferrer nofollow', text }) : said(address);
}
