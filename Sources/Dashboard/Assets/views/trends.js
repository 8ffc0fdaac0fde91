// How much, how long, and where it gets worse or better.

import { allServices, getIfAny } from '/assets/core/api.js';
import { el, said, setText } from '/assets/core/dom.js';
import { href, param } from '/assets/core/address.js';
import { chart, hatch, line } from '/assets/core/chart.js';
import { filters, timeFrames } from '/assets/core/filters.js';
import { on } from '/assets/core/live.js';
import { serviceName } from '/assets/core/names.js';
import { figure, hotspots, told } from '/assets/core/measures.js';
import { download, table } from '/assets/core/table.js';
import { number, percent, t } from '/assets/core/strings.js';
import { date, ms, now, short } from '/assets/core/time.js';

const DAY = 86_400_000;

export async function show(main) {
  const services = await allServices();
  const status = el('p', { role: 'status' });
  const bar = filters([
    { name: 'service', label: t('filter-service'), usual: '', options: [['', t('all-services')], ...services.map((service) => [service.service_code, serviceName(service)])] },
    { name: 'days', label: t('filter-time'), usual: '90', options: timeFrames([28, 90, 365]) },
    { name: 'ward', label: t('filter-ward'), usual: '', options: [['', t('all-wards')]] }
  ], () => load());
  const raised = chart(t('requests-by-week'), 'requests-by-week', { level: 'h2' });
  const closing = chart(t('time-to-close-by-week'), 'time-to-close-by-week', { level: 'h2' });
  const hot = el('section', { class: 'card', 'aria-labelledby': 'hot-title' }, el('h2', { id: 'hot-title', text: t('hotspots') }));
  const hotText = el('p', { class: 'intro' });
  const hotBox = el('div', { class: 'stack' });
  hot.append(hotText, hotBox);
  main.append(el('div', { class: 'head' }, el('h1', { text: t('trends-title') }), status), el('p', { class: 'intro', text: t('trends-intro') }), bar.box,
    el('div', { class: 'two even' }, el('section', { class: 'card', 'aria-label': t('requests-by-week') }, raised.box), el('section', { class: 'card', 'aria-label': t('time-to-close-by-week') }, closing.box)), hot);
  getIfAny('/assets/wards.geojson').then((wards) => {
    const names = ((wards && wards.features) || []).map((feature) => feature.properties && feature.properties.name).filter(Boolean).sort((a, b) => a.localeCompare(b));
    bar.fill('ward', [['', t('all-wards')], ...names.map((name) => [name, name])]);
  }).catch(() => {});
  let turn = 0;
  let isLost = false;

  async function load() {
    const mine = ++turn;
    const { service, days, ward } = bar.chosen();
    const query = new URLSearchParams({ by: 'week', from: new Date(now() - Number(days) * DAY).toISOString().replace(/\.\d+Z/, 'Z') });
    if (service) query.set('service', service);
    if (ward) query.set('ward', ward);
    const [measures, places] = await Promise.all([
      getIfAny('/api/measures?' + query).catch((error) => error),
      hotspots(service ? { service } : {}).catch((error) => error)]);
    if (mine !== turn) return;
    const trouble = (answer) => (answer === null ? t('not-here') : answer instanceof Error ? t('no-answer-again') : '');
    setText(status, trouble(measures));
    isLost = measures instanceof Error || places instanceof Error;
    if (measures && !(measures instanceof Error)) drawMeasures(measures);
    drawHotspots(places instanceof Error ? null : places, services, trouble(places));
  }

  function drawMeasures(measures) {
    const found = measures.services.filter((service) => service.total.requests > 0 || param('service'));
    const weeks = found.length > 0 ? found[0].groups.map((group) => ({ key: group.key, from: ms(group.from) })) : [];
    // Of a week that was over before the first sensor of a service spoke nothing can be said, unless people reported something.
    const rows = weeks.map((week, place) => Object.assign({ week: week.key, from: week.from }, Object.fromEntries(found.flatMap((service) => {
      const { figures, to } = service.groups[place];
      // Before people had reported anything of a service that no sensor serves, perhaps there was no such service.
      const known = ms(service.listening_since) ?? ms(service.first_request_at);
      const isDeaf = figures.requests === 0 && known !== null && ms(to) <= known;
      return [[service.service_code, isDeaf ? null : figures.requests], [service.service_code + '_close_s', figure(figures.time_to_close).value]];
    }))));
    const totals = rows.map((row) => found.reduce((sum, service) => sum + (row[service.service_code] || 0), 0));
    const all = totals.reduce((sum, value) => sum + value, 0);
    const isUnknown = rows.map((row) => found.length > 0 && found.every((service) => row[service.service_code] === null));
    const heard = found.map((service) => ms(service.listening_since)).filter(Boolean);
    const known = Math.min(...(heard.length > 0 ? heard : found.map((service) => ms(service.first_request_at)).filter(Boolean)));
    const unheard = isUnknown.includes(true) ? ' ' + t(heard.length > 0 ? 'not-listening-until' : 'not-reported-until', { date: date(known) }) : '';
    const raisedIn = (row, service) => (row[service.service_code] === null && service.listening_since ? t('not-listening') : number(row[service.service_code]));
    const ground = (tone, more) => (unheard ? [{ type: 'bar', label: t(heard.length > 0 ? 'not-listening' : 'goal-no_data'), data: isUnknown.map((is) => (is ? 1 : null)), yAxisID: 'ground', backgroundColor: hatch(tone('--line')), isGround: true, grouped: false, stack: 'ground', barPercentage: 1, categoryPercentage: 1, ...more }] : []);
    const busiest = totals.indexOf(Math.max(...totals));
    const label = (row) => short(row.from);
    // For people the day it began with, for programs its number.
    const week = { name: 'week', label: t('week'), cell: (row) => el('span', { class: 'whole-line', text: date(row.from) }), value: (row) => row.week };
    raised.set({
      summary: (all === 0 ? t('nothing-raised') : t('trend-summary', { n: all, weeks: isUnknown.filter((is) => !is).length, busiest: date(weeks[busiest].from), most: totals[busiest] })) + unheard,
      columns: [week, ...found.map((service) => ({ name: service.service_code, label: serviceName(service), isNumber: true, cell: (row) => raisedIn(row, service) }))],
      rows,
      draw: (tone) => ({
        data: { labels: rows.map(label), datasets: found.map((service, place) => ({ label: serviceName(service), data: rows.map((row) => row[service.service_code]), backgroundColor: colour(tone, service.service_code, place), borderWidth: 0, borderRadius: 2 })).concat(ground(tone)) },
        options: { type: 'bar', isStacked: true, isCount: true }
      })
    });
    const closed = found.map((service) => ({ name: serviceName(service), figure: figure(service.total.time_to_close) })).filter(({ figure }) => figure.of > 0);
    closing.set({
      summary: closed.length === 0 ? t('nothing-raised') : closed.map(({ name, figure }) => name + ': ' + told(figure)).join(' · ') + (unheard && '.' + unheard),
      columns: [week, ...found.map((service) => ({ name: service.service_code + '_close_s', label: serviceName(service) + ', ' + t('hours'), isNumber: true, cell: (row) => inHours(row[service.service_code + '_close_s']) }))],
      rows,
      draw: (tone) => ({
        data: { labels: rows.map(label), datasets: found.map((service, place) => line(serviceName(service), rows.map((row) => { const value = row[service.service_code + '_close_s']; return value === null ? null : value / 3600; }), colour(tone, service.service_code, place), { pointRadius: 2.5, spanGaps: true })).concat(ground(tone, { isSilent: true })) },
        options: { unit: t('hours') }
      })
    });
  }

  function drawHotspots(found, services, trouble) {
    setText(hotText, found ? t('hotspots-intro', { days: found.days }) : trouble);
    if (!found) return hotBox.replaceChildren();
    const name = (code) => serviceName(services.find((service) => service.service_code === code) || { service_code: code });
    const where = (place) => (place.kind === 'ward' ? place.id : t('cell-at', { lat: number(place.lat, 3), long: number(place.long, 3) }));
    const columns = [
      { name: 'place', label: t('hotspot-place'), cell: (place) => (place.kind === 'ward' ? el('a', { href: href('/', { ward: place.id, service: place.service_code, status: 'any', days: String(found.days) }) }, said(place.id)) : where(place)), value: where },
      { name: 'service', label: t('service'), isBare: true, cell: (place) => name(place.service_code), value: (place) => place.service_code },
      { name: 'count', label: t('hotspot-count'), isNumber: true, cell: (place) => number(place.count) },
      { name: 'expected', label: t('hotspot-expected'), isNumber: true, cell: (place) => (place.expected === null ? t('claim-' + place.claim) : figures(number(place.expected) + (place.expected_high === null ? '' : ' (' + number(place.expected_low) + '–' + number(place.expected_high) + ')'))) },
      { name: 'ratio', label: t('hotspot-ratio'), isNumber: true, cell: (place) => number(place.ratio) },
      { name: 'trend', label: t('hotspot-trend'), cell: (place) => (place.trend ? t('trend-' + place.trend) : null) },
      { name: 'q_value', label: t('hotspot-chance'), isNumber: true, cell: (place) => (place.q_value === null ? null : figures(place.q_value < .001 ? '< ' + percent(.001, 1) : percent(place.q_value, 1))) }
    ];
    const isHot = found.places.filter((place) => place.is_hot);
    const rest = found.places.filter((place) => !place.is_hot);
    hotBox.replaceChildren(
      isHot.length === 0 ? el('p', { text: found.places.some((place) => place.claim === 'tested') ? t('hotspots-none') : t('map-no-history') }) : table(t('hotspots'), columns, isHot, { isQuiet: true, isCards: true, isRoomy: true }).box,
      el('div', { class: 'tools' }, el('details', {}, el('summary', { text: t('all-places') }), table(t('all-places'), columns, rest, { isQuiet: true, isCards: true, isRoomy: true }).box), download('hotspots', columns, () => found.places)));
  }

  // Once somebody answers again.
  on('refresh', () => { if (isLost) load(); });
  await load();
}

/// What has no words is read from the left in every language.
const figures = (text) => el('bdi', { dir: 'ltr', text });
const inHours = (seconds) => (seconds === null || seconds === undefined ? null : number(seconds / 3600));
const OWN = ['water-leak', 'traffic-anomaly', 'bin-full', 'sensor-fault'];
function colour(tone, code, place) {
  const own = OWN.indexOf(code);
  return tone(String((own >= 0 ? own : place) % 4 + 1));
}
