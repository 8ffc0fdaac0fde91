// The window that a request was decided in: readings, what is usual there, the threshold, and the moment it fired.

import { get, getIfAny } from '/assets/core/api.js';
import { el, said } from '/assets/core/dom.js';
import { chart, line, withGaps } from '/assets/core/chart.js';
import { levelName, levelsOf, quantityName, ruleName, sensorLink, unitName } from '/assets/core/names.js';
import { table } from '/assets/core/table.js';
import { retell, shares, typeset } from '/assets/core/sentences.js';
import { has, number, rough, t } from '/assets/core/strings.js';
import { ends, ms, now, span, time, when } from '/assets/core/time.js';

const HOUR = 3_600_000;

export async function evidence(box, request) {
  const more = request.extended_attributes || {};
  // A report that nothing measured needs no room for what was measured.
  if (!more.sensor_id && !(more.sources && more.sources.sensors)) { box.hidden = true; return; }
  const holder = el('section', { class: 'card', 'aria-labelledby': 'evidence-title' }, el('h2', { id: 'evidence-title', text: t('evidence') }));
  const figure = chart(t('evidence'), 'request-' + request.service_request_id, { level: 'h3' });
  figure.box.querySelector('h3').hidden = true;
  // Where several agree, the choice among them has its room from the start.
  const choice = el('select', { id: 'evidence-sensor', disabled: true });
  const field = el('label', { class: 'field', for: 'evidence-sensor', hidden: !(more.sources && more.sources.sensors > 1) }, el('span', { text: t('sensor') }), choice);
  holder.append(field, figure.box);
  const why = el('section', { class: 'card', 'aria-labelledby': 'why-title' }, el('h2', { id: 'why-title', text: t('why') }));
  const agree = el('section', { class: 'card', 'aria-labelledby': 'agree-title', hidden: true }, el('h2', { id: 'agree-title', text: t('who-agrees') }));
  box.append(holder, why, agree);
  const kept = (id) => getIfAny('/api/requests/' + encodeURIComponent(id) + '/evidence').catch(() => null);
  const own = await kept(request.service_request_id);
  explain(why, request, more, own);
  // What a part was opened for is kept with the whole.
  const found = own || (more.parent_service_request_id ? await kept(more.parent_service_request_id) : null);
  const sensors = (found && found.sensors) || [];
  const first = Math.max(0, sensors.findIndex((sensor) => sensor.sensor_id === more.sensor_id));
  const content = sensors.length > 0 ? fromEvidence(found, sensors[first]) : await fromHistory(request, more);
  field.hidden = sensors.length < 2;
  if (!field.hidden) {
    choice.append(...sensors.map((sensor, place) => el('option', { value: String(place), text: sensor.sensor_id + ': ' + quantityName(sensor.quantity), selected: place === first })));
    choice.addEventListener('change', () => draw(figure, fromEvidence(found, sensors[Number(choice.value)])));
    choice.disabled = false;
  }
  if (!content) {
    figure.box.replaceWith(el('p', { class: 'soft', text: t('evidence-none') }));
  } else draw(figure, content);
  if (found && found.sensors && found.sensors.length > 0) {
    agree.hidden = false;
    agree.append(table(t('who-agrees'), [
      { name: 'sensor', label: t('sensor'), cell: (row) => sensorLink(row.sensor_id) },
      { name: 'place', label: t('place'), isLine: true, isBare: true, cell: (row) => (row.address ? said(row.address) : null) },
      { name: 'agrees', label: t('sensor-state'), isBare: true, cell: (row) => (row.agrees ? t('agrees') : ms(row.since) === null ? t('does-not-agree') : t('agreed-then')) },
      { name: 'since', label: t('finding-since'), cell: (row) => (ms(row.since) === null ? null : time(ms(row.since))) }
    ], found.sensors, { isQuiet: true, isCards: true }).box);
  }
}

function explain(box, request, more, found) {
  const lines = [];
  // The head of the page has said it already, more often than not.
  if (found && found.summary && !(request.description || '').includes(found.summary.slice(0, 60))) lines.push(typeset(retell(found.summary) ?? found.summary));
  // The request itself says why it was opened; the evidence may hold what other rules found since.
  const rule = (more.detector && more.detector.name) || (found && found.rule && found.rule.name);
  if (rule) lines.push(t('why-rule', { rule: ruleName(rule) }));
  const values = more.evidence || found;
  if (values && Number.isFinite(values.observed) && unitName(values.unit)) lines.push(...reasons(values, rule, more, found));
  const confidence = more.confidence ?? (found && found.confidence);
  if (Number.isFinite(confidence)) lines.push(t('why-confidence', { n: Math.min(99, Math.round(confidence * 100)) }));
  const estimate = more.estimate || (found && found.estimate);
  if (estimate && has('estimate-' + estimate.name)) {
    lines.push(t('estimate-' + estimate.name, { value: rough(estimate.value), low: rough(estimate.low), high: rough(estimate.high) }));
  }
  const forecast = ms((found && found.forecast && found.forecast.at) || (more.forecast && more.forecast.at));
  if (forecast !== null) lines.push(t('forecast', { when: when(forecast) }));
  box.append(...lines.map((text) => el('p', { class: 'say', dir: 'auto', text: shares(text) })));
  box.hidden = lines.length === 0;
}

/// What was measured, and what of it decided: a threshold is named only where it was crossed.
function reasons(values, rule, more, found) {
  const { observed, baseline, threshold } = values;
  // A fire's first reading is compared with itself.
  const isUsualKnown = Number.isFinite(baseline) && !(rule === 'bin-fire' && baseline === observed);
  const figures = { observed: number(observed), baseline: number(baseline), threshold: number(threshold), unit: values.unit };
  const lines = [t(!isUsualKnown ? 'why-measured-first' : /^bin-(full|forecast|dumping)$/.test(rule) ? 'why-measured-from' : 'why-measured', figures)];
  const reach = baseline === threshold || !isUsualKnown ? observed - threshold : (observed - threshold) * Math.sign(threshold - baseline);
  if (/silence|stuck|clock|implausible|drift/.test(rule || '')) return lines;
  if (rule === 'bin-forecast') lines.push(t('why-forecast', figures));
  else if (reach >= 0) lines.push(t('why-threshold', figures));
  else if (Number.isFinite(threshold)) {
    const [from, to] = [ms(more.first_seen), ms(found && found.decided_at) ?? ms(more.last_seen)];
    lines.push(t(observed < baseline ? 'why-adds-up-below' : 'why-adds-up-above', { span: span(from !== null && to > from ? to - from : 0) }));
  }
  return lines;
}

function fromEvidence(found, sensor) {
  const opened = ms(found.decided_at);
  return {
    sensor: sensor.sensor_id, quantity: sensor.quantity, unit: unitName(sensor.unit || found.unit), levels: levelsOf(sensor.unit || found.unit),
    from: ms(found.window && found.window.from) || (sensor.readings[0] || [now()])[0], to: Math.max(ms(found.window && found.window.to) || 0, opened || 0, (sensor.readings[sensor.readings.length - 1] || [0])[0]),
    readings: sensor.readings.map(([x, y]) => ({ x, y })),
    usual: sensor.baseline.map(([x, y]) => ({ x, y })), low: sensor.baseline.map(([x, , y]) => ({ x, y })), high: sensor.baseline.map(([x, , , y]) => ({ x, y })),
    // The threshold follows the time of week, where the rule's does.
    limits: sensor.baseline.filter((row) => Number.isFinite(row[4])).map((row) => ({ x: row[0], y: row[4] })),
    // Minutes of silence are no level in a chart of what was measured.
    threshold: Number.isFinite(sensor.threshold) && !/silence/.test(sensor.rule || '') ? sensor.threshold : null,
    opened, raised: ms(found.opened_at), limitName: limitName(sensor.rule)
  };
}

const limitName = (rule) => (rule === 'night-flow' ? 'chart-threshold-of-means' : 'chart-threshold');

/// Where no evidence was kept: the sensor's history around it.
async function fromHistory(request, more) {
  if (!more.sensor_id) return null;
  const first = ms(more.first_seen) || ms(request.requested_datetime);
  const last = Math.max(ms(more.last_seen) || first, ms(request.requested_datetime));
  const margin = Math.max(6 * HOUR, (last - first) / 2);
  const from = first - margin;
  const to = Math.min(now(), last + margin / 2);
  const sensor = await getIfAny('/api/sensor?id=' + encodeURIComponent(more.sensor_id)).catch(() => null);
  if (!sensor || sensor.streams.length === 0) return null;
  const unit = more.evidence && more.evidence.unit;
  const stream = sensor.streams.find((stream) => stream.unit === unit) || sensor.streams[0];
  const answer = await get('/api/sensor/history?' + new URLSearchParams({ id: more.sensor_id, quantity: stream.quantity, from: Math.round(from), to: Math.round(to), points: 600 })).catch(() => null);
  if (!answer || answer.rows.length === 0) return null;
  const isSame = !unit || unit === stream.unit;
  return {
    sensor: more.sensor_id, quantity: stream.quantity, unit: unitName(stream.unit), levels: levelsOf(stream.unit), from, to,
    readings: answer.rows.map(([x, y]) => ({ x, y })), usual: isSame && Number.isFinite(more.evidence && more.evidence.baseline) ? [{ x: from, y: more.evidence.baseline }, { x: to, y: more.evidence.baseline }] : [],
    low: [], high: [], threshold: isSame ? more.evidence && more.evidence.threshold : null,
    opened: ms(request.requested_datetime), raised: ms(request.requested_datetime), limitName: limitName(more.detector && more.detector.name)
  };
}

function draw(figure, content) {
  const values = content.readings.map((point) => point.y);
  const least = values.length > 0 ? Math.min(...values) : null;
  const greatest = values.length > 0 ? Math.max(...values) : null;
  const beside = (name, label, points) => {
    const value = (row) => latest(points, row.x);
    return { name, label: t(label), isNumber: true, cell: (row) => number(value(row), 2), value };
  };
  const limits = content.limits && content.limits.length > 0 ? content.limits : Number.isFinite(content.threshold) ? [{ x: content.from, y: content.threshold }, { x: content.to, y: content.threshold }] : [];
  figure.set({
    summary: shares(t('chart-request', { quantity: quantityName(content.quantity), sensor: content.sensor, ...ends(content.from, content.to), least: levelName(least, content.levels), greatest: levelName(greatest, content.levels), unit: content.unit })).replace(' .', '.'),
    columns: [
      { name: 'time', label: t('when'), cell: (row) => time(row.x), value: (row) => new Date(row.x).toISOString() },
      { name: 'measured', label: t('chart-measured') + (content.unit ? ' (' + content.unit + ')' : ''), isNumber: true, cell: (row) => number(row.y, 2), value: (row) => row.y },
      ...(content.usual.length > 0 ? [beside('usual', 'chart-usual', content.usual)] : []),
      ...(content.low.length > 0 ? [beside('usual_low', 'chart-band-low', content.low), beside('usual_high', 'chart-band-high', content.high)] : []),
      ...(limits.length > 0 ? [beside('threshold', content.limitName, limits)] : [])
    ],
    rows: content.readings,
    draw: (tone) => {
      const sets = [];
      if (content.high.length > 0) {
        sets.push(line('', content.high, 'transparent', { isSilent: true, borderWidth: 0, fill: '+1', backgroundColor: tone('band') }));
        sets.push(line(t('chart-band'), content.low, tone('band'), { borderWidth: 0, keyWidth: 10 }));
      }
      if (content.usual.length > 0) sets.push(line(t('chart-usual'), content.usual, tone('usual'), { borderDash: [5, 4] }));
      if (limits.length > 0) sets.push(line(t(content.limitName), limits, tone('threshold'), { borderDash: [2, 3] }));
      sets.push(line(t('chart-measured'), withGaps(content.readings), tone('measured'), { stepped: content.levels ? 'before' : false }));
      if (content.opened !== null && content.opened >= content.from && content.opened <= content.to) {
        const all = [...values, ...content.high.map((point) => point.y), content.threshold].filter(Number.isFinite);
        sets.push(line(when(content.raised) === when(content.opened) ? t('moment-raised', { raised: when(content.raised) }) : t('moment-decided', { decided: when(content.opened) }), [{ x: content.opened, y: Math.min(0, ...all) }, { x: content.opened, y: Math.max(...all) }], tone('threshold'), { borderWidth: 2.5 }));
      }
      return { data: { datasets: sets }, options: { isTime: true, from: content.from, to: content.to, unit: content.unit, levels: content.levels, startsAtZero: least >= 0 && least < greatest / 2 } };
    }
  });
}

/// What held at `x`: what is usual changes less often than readings come.
function latest(points, x) {
  let [from, to] = [0, points.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (points[middle].x <= x) from = middle + 1;
    else to = middle;
  }
  return points[Math.max(0, from - 1)].y;
}
