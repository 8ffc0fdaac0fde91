// Charts by Chart.js, each with a sentence that says the same, a table, and its data as a file.

import { el, library, setText } from './dom.js';
import { number, t } from './strings.js';
import { levelName } from './names.js';
import { day, hour, month } from './time.js';
import { download, table } from './table.js';

const COLOURS = { usual: '--chart-usual', measured: '--chart-measured', threshold: '--chart-threshold', band: '--chart-band', 1: '--chart-1', 2: '--chart-2', 3: '--chart-3', 4: '--chart-4' };
const drawn = new Set();

/// A figure that keeps its height from the start. `set({ summary, columns, rows, draw })` fills it; `draw(tone)` gives Chart.js's
/// `data` and our `options`: { isTime, unit, isStacked, type, isCount, levels }; `levels` are words for 0, 1…
export function chart(title, name, { level = 'h3', isSmall = false } = {}) {
  const summary = el('p', { class: 'summary' });
  const canvas = el('canvas', { role: 'img', 'aria-label': title });
  const frame = el('div', { class: isSmall ? 'canvas small' : 'canvas' }, canvas);
  const tools = el('div', { class: 'tools' });
  const box = el('figure', { class: 'chart' }, el('figcaption', {}, el(level, { text: title }), summary), frame, tools);
  const entry = { canvas, frame, chart: null, content: null };
  drawn.add(entry);

  function set(content) {
    entry.content = content;
    setText(summary, content.summary || '');
    canvas.setAttribute('aria-label', title + '. ' + (content.summary || ''));
    const inner = table(title, content.columns, content.rows, { isQuiet: true });
    const wasOpen = tools.querySelector('details')?.open || false;
    tools.replaceChildren(
      el('details', { open: wasOpen }, el('summary', { text: t('as-table') }), inner.box),
      download(name, content.columns, () => entry.content.rows));
    render(entry);
  }
  return { box, set };
}

const tone = (name) => getComputedStyle(document.documentElement).getPropertyValue(COLOURS[name] || name).trim();

async function render(entry) {
  if (!(await library('/assets/vendor/chart.min.js'))) {
    entry.frame.hidden = true;
    entry.frame.parentElement.querySelector('details').open = true;
    return;
  }
  const { data, options } = entry.content.draw(tone);
  const ink = tone('--soft');
  const grid = { color: tone('--line'), drawBorder: false };
  const isRightToLeft = document.documentElement.dir === 'rtl';
  if (entry.chart) entry.chart.destroy();
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.font.size = .8 * parseFloat(getComputedStyle(document.documentElement).fontSize);
  entry.chart = new Chart(entry.canvas, {
    type: options.type || 'line',
    data,
    options: {
      animation: false, responsive: true, maintainAspectRatio: false, parsing: !options.isTime, normalized: true,
      interaction: { mode: 'index', intersect: false, axis: 'x' },
      plugins: {
        legend: {
          display: data.datasets.length > 1, position: 'bottom', rtl: isRightToLeft,
          labels: { color: ink, boxWidth: options.type === 'bar' ? 14 : 26, boxHeight: options.type === 'bar' ? 10 : 0, generateLabels: keyOf, filter: (item, all) => !all.datasets[item.datasetIndex].isSilent }
        },
        tooltip: {
          rtl: isRightToLeft, filter: (item) => !item.dataset.isSilent,
          callbacks: {
            title: (items) => (items.length === 0 ? '' : options.isTime ? day(items[0].parsed.x) + ', ' + hour(items[0].parsed.x) : items[0].label),
            label: (item) => (item.dataset.isGround ? item.dataset.label : item.dataset.label + ': ' + (options.levels ? levelName(item.parsed.y, options.levels) : number(item.parsed.y, 2)) + (options.unit ? ' ' + options.unit : ''))
          }
        },
        decimation: { enabled: false }
      },
      scales: {
        x: options.isTime
          ? { type: 'linear', min: options.from, max: options.to, reverse: false, grid: { display: false, drawBorder: false },
            afterBuildTicks: (axis) => { axis.ticks = moments(axis.min, axis.max, roomFor(axis)).map((value) => ({ value })); },
            ticks: { color: ink, maxRotation: 0, callback: (value, place, ticks) => momentLabel(value, ticks.length > 1 ? ticks[1].value - ticks[0].value : 0) } }
          : { stacked: options.isStacked, grid: { display: false, drawBorder: false }, ticks: { color: ink, maxRotation: 0, autoSkipPadding: 12 } },
        y: { stacked: options.isStacked, beginAtZero: options.startsAtZero !== false, ...(options.levels ? { min: 0, max: options.levels.length - 1 } : {}), grid,
          ticks: { color: ink, maxTicksLimit: 6, precision: options.isCount || options.levels ? 0 : undefined, callback: (value) => (options.levels ? levelName(value, options.levels) : number(value, 2)) },
          title: { display: Boolean(options.unit), text: options.unit, color: ink } },
        // What is behind all else is as high as the chart, whatever the figures.
        ...(data.datasets.some((set) => set.isGround) ? { ground: { display: false, min: 0, max: 1 } } : {})
      }
    }
  });
}

/// A line in the legend looks as in the chart: its dashes, and a band as wide as it may be there.
function keyOf(chart) {
  return Chart.defaults.plugins.legend.labels.generateLabels(chart).map((item) => Object.assign(item, { lineWidth: chart.data.datasets[item.datasetIndex].keyWidth || item.lineWidth }));
}

const STEPS_H = [1 / 12, 1 / 6, .5, 1, 2, 3, 6, 12, 24, 48, 72, 24 * 7, 24 * 14, 24 * 30.4375, 24 * 91.3125, 24 * 365.25].map((hours) => hours * 3_600_000);

/// How many days and dates stand beside each other, in the viewer's language.
function roomFor(axis) {
  const { size, family } = Chart.defaults.font;
  axis.ctx.save();
  axis.ctx.font = size + 'px ' + family;
  const widest = Math.max(...[day, hour, month].map((say) => axis.ctx.measureText(say(axis.max)).width));
  axis.ctx.restore();
  // The numbers and their unit stand beside the line.
  return Math.max(1, (axis.chart.width - 3.5 * size) / (widest + size / 2));
}

/// Round moments in the viewer's own time zone, as many as there is room for.
function moments(from, to, room) {
  const step = STEPS_H.find((step) => (to - from) / step <= room) || (to - from) / room;
  const shift = new Date(from).getTimezoneOffset() * 60_000;
  const found = [];
  for (let at = Math.ceil((from - shift) / step) * step + shift; at <= to; at += step) found.push(at);
  return found;
}

function momentLabel(at, step) {
  if (step > 20 * 86_400_000) return month(at);
  const isMidnight = new Date(at).getHours() === 0 && new Date(at).getMinutes() === 0;
  return step >= 86_400_000 || isMidnight ? day(at) : hour(at);
}

/// A line, thin enough for a thousand points.
export function line(label, points, colour, more = {}) {
  return Object.assign({ label, data: points, borderColor: colour, backgroundColor: colour, borderWidth: 1.75, pointRadius: 0, pointHitRadius: 6, tension: 0, spanGaps: false }, more);
}

/// What stands where there is nothing to draw, because nobody was there to measure it.
export function hatch(colour) {
  const tile = Object.assign(document.createElement('canvas'), { width: 8, height: 8 });
  const pen = tile.getContext('2d');
  Object.assign(pen, { strokeStyle: colour, lineWidth: 1.5 });
  for (const shift of [-8, 0, 8]) { pen.moveTo(shift, 8); pen.lineTo(shift + 8, 0); }
  pen.stroke();
  return pen.createPattern(tile, 'repeat');
}

/// The points with a break wherever nothing was heard for six times the usual step.
export function withGaps(points) {
  const steps = points.slice(1).map((point, place) => point.x - points[place].x).sort((a, b) => a - b);
  const usual = steps.length > 0 ? steps[Math.floor(steps.length / 2)] : 0;
  return points.flatMap((point, place) => {
    const former = points[place - 1];
    return former && point.x - former.x > 6 * usual ? [{ x: former.x + usual, y: NaN }, point] : [point];
  });
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  for (const entry of drawn) if (entry.content && entry.canvas.isConnected) render(entry);
});
