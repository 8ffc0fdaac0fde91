// Asks the server. The same documents that every other client gets.

import { hearClock } from './time.js';

/// An answer that is no success: its status, and the server's own sentence.
export class Refusal extends Error {
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
  }
}

async function answered(answer) {
  hearClock(answer.headers.get('Sluice-Now-Ms'));
  const isJSON = (answer.headers.get('Content-Type') || '').includes('json');
  const data = isJSON ? await answer.json() : await answer.text();
  if (!answer.ok) throw new Refusal(answer.status, sentence(data) || answer.status + ' ' + answer.statusText);
  return data;
}

function sentence(data) {
  if (Array.isArray(data)) return data.map((error) => error.description).filter(Boolean).join(' ');
  return typeof data === 'string' ? data.slice(0, 300) : '';
}

export async function get(path, headers = {}) {
  return answered(await fetch(path, { headers: Object.assign({ Accept: 'application/json' }, headers) }));
}

/// The same, or null where the server has nothing of that kind.
export async function getIfAny(path) {
  try {
    return await get(path);
  } catch (error) {
    if (error instanceof Refusal && (error.status === 404 || error.status === 501)) return null;
    throw error;
  }
}

export async function post(path, body, headers = {}) {
  return answered(await fetch(path, {
    method: 'POST', headers: Object.assign({ Accept: 'application/json' }, headers), body
  }));
}

/// `columns` and `rows` as objects.
export function objects({ columns, rows }) {
  return rows.map((row) => Object.fromEntries(columns.map((name, place) => [name, row[place]])));
}

let settings = null;

/// What the server told of itself when it started.
export function siteSettings() {
  settings = settings || get('/assets/settings.json').catch(() => ({ is_test: false, tiles: null, layers: [] }));
  return settings;
}

let services = null;

export function allServices() {
  services = services || get('/open311/v2/services.json').catch(() => { services = null; return []; });
  return services;
}
