// The daemon's metrics, read from their Prometheus text, and the few of them that a person looks at first.

import { number, percent } from '/assets/core/strings.js';

/// Prometheus text: names, labels, values.
export function parse(text) {
  const found = [];
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const parts = /^([a-zA-Z_:][\w:]*)(\{.*\})? (\S+)/.exec(line);
    if (parts) found.push({ name: parts[1], labels: parts[2] || '', value: Number(parts[3]) });
  }
  return found;
}

/// Metrics whose names begin alike, a row for each value of a label: { destination, queued, dead, … }.
export function byLabel(metrics, prefix, label) {
  const rows = new Map();
  const pattern = new RegExp(label + '="((?:[^"\\\\]|\\\\.)*)"');
  for (const metric of metrics) {
    if (!metric.name.startsWith(prefix) || /_(bucket|sum|count)$/.test(metric.name)) continue;
    const value = pattern.exec(metric.labels);
    if (!value) continue;
    const name = value[1].replace(/\\(.)/g, '$1');
    if (!rows.has(name)) rows.set(name, { [label]: name });
    rows.get(name)[metric.name.slice(prefix.length)] = metric.value;
  }
  return Array.from(rows.values());
}

const sum = (metrics, name) => {
  const found = metrics.filter((metric) => metric.name === name);
  return found.length === 0 ? null : found.reduce((total, metric) => total + metric.value, 0);
};
const rate = (name) => (metrics, before, seconds) => {
  const present = sum(metrics, name);
  if (present === null || !before || seconds <= 0) return null;
  const rate = Math.max(0, present - (sum(before, name) || 0)) / seconds;
  return number(rate, rate < 100 ? 1 : 0);
};
const count = (name) => (metrics) => number(sum(metrics, name) || 0);
const bytes = (name) => (metrics) => {
  const value = sum(metrics, name);
  // Four digits and their unit are wider than a tile.
  if (value >= 1000 * 1_048_576) return number(value / 1_073_741_824, 2) + ' GiB';
  return value === null ? null : number(value / 1_048_576, value < 100 * 1_048_576 ? 1 : 0) + ' MiB';
};
const within = (name) => (metrics, before) => {
  const seconds = quantile(metrics, before, name, .99);
  if (seconds === null || !Number.isFinite(seconds)) return null;
  return seconds < 1 ? number(seconds * 1000) + ' ms' : number(seconds) + ' s';
};

/// The value below which that share of a histogram's records lie, in its own unit; of what came since `before`.
function quantile(metrics, before, name, share) {
  const of = (all) => new Map(all.filter((metric) => metric.name === name + '_bucket').map((metric) => [/le="([^"]+)"/.exec(metric.labels)?.[1], metric.value]));
  const present = of(metrics);
  const past = before ? of(before) : new Map();
  const counts = Array.from(present, ([edge, count]) => [edge === '+Inf' ? Infinity : Number(edge), count - (past.get(edge) || 0)]).sort((a, b) => a[0] - b[0]);
  const total = counts.length > 0 ? counts[counts.length - 1][1] : 0;
  if (total <= 0) return before ? quantile(metrics, null, name, share) : null;
  return counts.find(([, count]) => count >= total * share)[0];
}

/// Each: a label of the catalogue, and `read(metrics, before, seconds)` → text, or null where there is nothing to tell.
export const FIGURES = [
  { label: 'rate-readings', read: rate('sluice_mqtt_readings_total') },
  { label: 'rate-messages', read: rate('sluice_mqtt_messages_total') },
  { label: 'ring-fill', read: (metrics) => { const value = sum(metrics, 'sluice_mqtt_ring_fill_ratio'); return value === null ? null : percent(value, 1); } },
  { label: 'lag', read: within('sluice_mqtt_acknowledge_seconds') },
  { label: 'commit-time', read: within('sluice_store_commit_seconds') },
  { label: 'quarantine-total', read: count('sluice_mqtt_quarantined_total') },
  { label: 'outbox-queued', read: count('sluice_forward_queued') },
  { label: 'dead-letters', read: count('sluice_forward_dead') },
  { label: 'database', read: bytes('sluice_store_bytes') },
  { label: 'memory', read: bytes('memory_bytes') },
  { label: 'viewers', read: count('sluice_http_event_streams') },
  { label: 'rate-http', read: rate('sluice_http_requests_total') }
];
