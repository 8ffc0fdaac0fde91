// What the city promises, and how it stands; each figure leads to the requests that it is made of.

import { allServices, getIfAny } from '/assets/core/api.js';
import { el, icon, setText } from '/assets/core/dom.js';
import { href } from '/assets/core/address.js';
import { filters, timeFrames } from '/assets/core/filters.js';
import { on } from '/assets/core/live.js';
import { MEASURES, amount, figure, madeOf, range, told } from '/assets/core/measures.js';
import { measureName, serviceName } from '/assets/core/names.js';
import { download, table } from '/assets/core/table.js';
import { t } from '/assets/core/strings.js';
import { date, now } from '/assets/core/time.js';

const DAY = 86_400_000;
const SVG = 'http://www.w3.org/2000/svg';

export async function show(main) {
  const services = await allServices();
  const status = el('p', { role: 'status', class: 'stand' });
  // Paper has no filters to read it from.
  const scope = el('p', { class: 'on-paper' });
  const bar = filters([
    { name: 'service', label: t('filter-service'), usual: '', options: [['', t('all-services')], ...services.map((service) => [service.service_code, serviceName(service)])] },
    { name: 'days', label: t('filter-time'), usual: '90', options: timeFrames([28, 90, 365]) },
    { name: 'ward', label: t('filter-ward'), usual: '', options: [['', t('all-wards')]] }
  ], () => load());
  bar.box.append(el('button', { type: 'button', class: 'quiet end', text: t('print'), on: { click: () => print() } }));
  const box = el('div', { class: 'stack abreast' }, Array.from({ length: 3 }, () => el('div', { class: 'card', 'aria-hidden': 'true' }, el('div', { class: 'canvas' }))));
  main.append(el('div', { class: 'head' }, el('h1', { text: t('goals-title') })), el('p', { class: 'intro', text: t('goals-intro') }), bar.box, scope, status, box);
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
    const measures = await getIfAny('/api/measures?' + query).catch((error) => error);
    if (mine !== turn) return;
    setText(status, measures === null ? t('not-here') : measures instanceof Error ? t('no-answer-again') : '');
    isLost = measures instanceof Error;
    if (!measures || measures instanceof Error) return box.replaceChildren();
    const goals = measures.services.flatMap((service) => service.goals);
    const count = (state) => goals.filter((goal) => goal.status === state).length;
    if (goals.length > 0) setText(status, t('goals-stand', { n: goals.length, met: count('met'), missed: count('missed'), unclear: count('unclear'), none: count('no_data') }));
    const chosen = services.find((entry) => entry.service_code === service);
    setText(scope, [t('days', { n: Number(days) }), ward, chosen && serviceName(chosen), date(now())].filter(Boolean).join(' · '));
    box.replaceChildren(...measures.services.map((service) => card(service, { days, ward })));
  }
  // Once somebody answers again.
  on('refresh', () => { if (isLost) load(); });
  await load();
}

/// Where the requests stand that a figure is made of, and no others.
function requestsOf(service, { days, ward }, measure) {
  return href('/', { service: service.service_code, status: 'any', ward, days, measure });
}

function card(service, chosen) {
  const rows = MEASURES.map((name) => ({ name, figure: figure(service.total[name]) })).filter((row) => row.figure && row.figure.of > 0)
    .concat((service.total.saved || []).map((saved) => ({ name: 'saved_' + saved.unit, figure: figure(saved) })));
  const columns = [
    { name: 'figure', label: t('figure'), cell: (row) => nameOf(row.name), value: (row) => row.name },
    { name: 'value', label: t('value'), isNumber: true, isBare: true, cell: (row) => amountOf(row.figure), value: (row) => row.figure.value },
    { name: 'low', label: t('range'), isBare: true, isLine: true, cell: (row) => range(row.figure), value: (row) => row.figure.low },
    { name: 'of', label: t('based-on'), isBare: true, isLine: true, cell: (row) => el('a', { href: requestsOf(service, chosen, row.name), text: madeOf(row.name, row.figure) }), value: (row) => row.figure.of }
  ];
  const known = service.goals.filter((goal) => goal.of > 0);
  const waiting = service.goals.filter((goal) => goal.of === 0);
  return el('section', { class: 'card', data: { service: service.service_code }, 'aria-label': serviceName(service) },
    el('div', { class: 'head' }, el('span', { class: 'badge' }, icon(service.service_code)), el('h2', { text: serviceName(service) }),
      el('p', {}, t('raised-in-time', { n: service.total.requests, open: service.total.open }), ' ', el('a', { href: requestsOf(service, chosen, 'requests'), text: t('goal-requests') }))),
    service.goals.length === 0 ? el('p', { class: 'soft', text: t('no-goals') }) : null,
    service.goals.length === 0 ? null : el('div', { class: 'goals' }, known.map((goal) => goalBox(goal, service, chosen)),
      waiting.length === 0 ? null : el('div', { class: 'waiting' }, el('p', { class: 'soft', text: t('goals-waiting') }), el('ul', {}, waiting.map(waitingGoal)))),
    rows.length === 0 ? null : el('div', {}, table(t('based-on'), columns, rows, { isQuiet: true, isCards: true }).box, download('goals-' + service.service_code, columns, () => rows)));
}

function goalBox(goal, service, chosen) {
  const name = measureName(goal.measure, goal.name);
  return el('article', { class: 'goal' },
    el('h3', { text: name }),
    el('p', { class: 'stands', text: told(goal) }),
    el('span', { class: 'sign', data: { state: goal.status }, text: t('goal-' + goal.status) }),
    el('p', { text: targetOf(goal) }),
    el('p', { class: 'soft small' }, [range(goal), madeOf(goal.measure, goal)].filter(Boolean).join(' · ')),
    spark(service.groups.map((group) => figure(group.figures[goal.measure])), goal, name),
    el('p', { class: 'small' }, el('a', { href: requestsOf(service, chosen, goal.measure), text: t('goal-requests'), 'aria-label': t('goal-requests') + ': ' + serviceName(service) + ', ' + name })));
}

/// One that nothing has happened for yet takes a line, and no box.
function waitingGoal(goal) {
  return el('li', {}, el('strong', { text: measureName(goal.measure, goal.name) }), ' ', el('span', { class: 'soft', text: targetOf(goal) }));
}

const targetOf = (goal) => t('goal-target') + ': ' + t(goal.direction, { target: amount(goal.target, goal.unit) });
const nameOf = (name) => (name.startsWith('saved_') ? t('saved-' + name.slice(6)) : measureName(name));
const amountOf = (entry) => told(entry) + (entry.unit === 'litres' ? ' ' + t('litres') : entry.unit === 'vehicle_hours' ? ' ' + t('hours') : '');

/// The trend, small: a line of weeks and the target; its text says first and last.
function spark(figures, goal, name) {
  const points = figures.map((entry, place) => [place, entry ? entry.value : null]).filter(([, value]) => value !== null);
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'spark');
  if (points.length === 0) {
    svg.setAttribute('aria-hidden', 'true');
    return svg;
  }
  svg.setAttribute('viewBox', '0 0 100 30');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', t('sparkline', { measure: name }) + ': ' + amount(points[0][1], goal.unit) + ' → ' + amount(points[points.length - 1][1], goal.unit));
  const values = points.map(([, value]) => value).concat(goal.target);
  const [least, greatest] = [Math.min(...values), Math.max(...values)];
  const y = (value) => (greatest === least ? 15 : 28 - 26 * (value - least) / (greatest - least));
  // Half a dot's room at both ends.
  const x = (place) => 1.5 + 97 * place / Math.max(1, figures.length - 1);
  const path = document.createElementNS(SVG, 'path');
  const at = ([place, value]) => x(place).toFixed(1) + ' ' + y(value).toFixed(1);
  path.setAttribute('d', 'M' + points.map(at).join('L'));
  // A stroke of no length with round ends is a dot, however the picture is stretched.
  const weeks = document.createElementNS(SVG, 'path');
  weeks.setAttribute('class', 'weeks');
  weeks.setAttribute('d', points.map((point) => 'M' + at(point) + 'h0').join(''));
  const target = document.createElementNS(SVG, 'line');
  for (const [attribute, value] of Object.entries({ x1: 0, x2: 100, y1: y(goal.target), y2: y(goal.target) })) target.setAttribute(attribute, value);
  svg.append(target, path, weeks);
  return svg;
}
