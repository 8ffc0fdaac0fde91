// The requests that a view shows: read once, then kept by the live stream.

import { get, objects } from './api.js';
import { on } from './live.js';
import { ms } from './time.js';
import { calmly } from './dom.js';
import { isReady } from './sentences.js';

/// A row of /api/map, from the document that every other client gets.
export function fromDocument(request) {
  const more = request.extended_attributes || {};
  return {
    id: request.service_request_id, lat: request.lat, long: request.long, service_code: request.service_code,
    severity: more.severity || 1, status: request.status, requested: ms(request.requested_datetime),
    updated: ms(request.updated_datetime), since: ms(more.first_seen) || ms(request.requested_datetime),
    ward: more.ward || null, address: request.address, title: request.title || request.service_name,
    sensors: more.sources ? more.sources.sensors : null, text: request.description
  };
}

export class Requests {
  /// `changed(fresh)` is told at most four times a second, with those that were not there before.
  constructor(changed) {
    this.rows = new Map();
    /// How many there are of each service, also of those that are not among the rows.
    this.totals = new Map();
    this.isLoaded = false;
    this.turn = 0;
    this.fresh = [];
    this.touched = new Map();
    this.tell = calmly(() => changed(this.fresh.splice(0)), 250);
    on('request', (documents) => { documents.forEach((document) => this.apply(fromDocument(document))); this.tell(); });
    on('refresh', () => { if (this.query !== undefined) this.load(this.query, this.fits).catch(() => {}); });
  }

  /// Reads what `query` (of /api/map) finds; `fits(row)` says of one that comes live whether it would be found.
  async load(query, fits) {
    const turn = ++this.turn;
    this.query = query;
    this.fits = fits;
    this.touched.clear();
    const [answer] = await Promise.all([get('/api/map?' + query), isReady]);
    if (turn !== this.turn) return;
    this.rows = new Map(objects(answer).map((row) => [row.id, row]));
    this.totals = new Map(Object.entries(answer.totals));
    /// The server gives the newest few thousand.
    this.isCut = answer.total > this.rows.size;
    this.isLoaded = true;
    // What changed meanwhile may be older in the answer than in the event.
    for (const row of this.touched.values()) this.put(row, false);
    this.fresh = [];
    this.tell();
  }

  apply(row) {
    this.touched.set(row.id, row);
    if (this.isLoaded) this.put(row, true);
  }

  put(row, isLive) {
    const isKnown = this.rows.has(row.id);
    if (this.fits(row)) {
      this.rows.set(row.id, row);
      if (!isKnown) this.count(row, 1);
      if (!isKnown && isLive) this.fresh.push(row);
    } else if (isKnown) {
      this.rows.delete(row.id);
      this.count(row, -1);
    }
  }

  count({ service_code: code }, change) { this.totals.set(code, (this.totals.get(code) || 0) + change); }

  get all() { return Array.from(this.rows.values()); }
}

/// Most urgent first, then newest.
export function byUrgency(a, b) {
  return b.severity - a.severity || b.requested - a.requested || Number(b.id) - Number(a.id);
}
