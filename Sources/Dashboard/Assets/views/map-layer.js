// The map: wards by how they compare with what is expected, a marker a request, sensors, and where nothing listens.

import { getIfAny, objects } from '/assets/core/api.js';
import { calmly, el, icon, said, setText } from '/assets/core/dom.js';
import { href, param, setParams } from '/assets/core/address.js';
import { hotspots } from '/assets/core/measures.js';
import { kindName, placeOf, sensorLink } from '/assets/core/names.js';
import { title } from '/assets/core/sentences.js';
import { list, number, t } from '/assets/core/strings.js';
import { time } from '/assets/core/time.js';

/// How near to a sensor's dot the pointer takes it; a finger is no finer.
const POINTER_PX = 12;
const AGAIN_MS = 60_000;

export class RequestMap {
  constructor(panel, settings, wards) {
    this.markers = new Map();
    this.wards = new Map();
    this.hot = null;
    this.heard = null;
    // No tiles unless configured: the outlines are the ground, so that the map needs no other server.
    this.map = L.map(panel.querySelector('.map'), { attributionControl: false, minZoom: 3, maxZoom: 18, zoomSnap: .1, zoomDelta: .75, preferCanvas: false });
    this.map.setView([0, 0], 3);
    // Above the wards and below the requests. A canvas would keep the pointer from the wards, so it takes none.
    this.map.createPane('sensors').style.zIndex = 450;
    this.map.on('click', ({ containerPoint }) => this.openSensor(containerPoint));
    if (settings.tiles) {
      L.tileLayer(settings.tiles.url, { maxZoom: 19 }).addTo(this.map);
      panel.classList.add('with-tiles');
    }
    this.cluster = L.markerClusterGroup ? L.markerClusterGroup({ showCoverageOnHover: false, maxClusterRadius: 40, chunkedLoading: true, iconCreateFunction: clusterIcon }) : L.layerGroup();
    this.cluster.addTo(this.map);
    this.legend = el('ul', { class: 'legend', 'aria-label': t('legend') });
    this.toggle = el('input', { type: 'checkbox', checked: Boolean(param('sensors')), on: { change: () => {
      setParams({ sensors: this.toggle.checked ? '1' : '' });
      this.drawSensors();
    } } });
    this.coverage = el('span');
    this.credit = el('p', { class: 'credit' });
    panel.append(el('div', { class: 'below' }, this.legend), el('div', { class: 'below coverage' }, el('label', {}, this.toggle, el('span', { text: t('show-sensors') })), this.coverage), this.credit);
    const sources = [settings.tiles && settings.tiles.credit, wards && wards.attribution && t('ward-outlines', { source: String(wards.attribution).replace(/\(c\)/g, '©').replace(/\.$/, '') }), t('drawn-with')];
    setText(this.credit, sources.filter(Boolean).join(' · '));
    if (wards) this.drawWards(wards);
    this.names = Array.from(this.wards.keys()).sort((a, b) => a.localeCompare(b));
    this.drawLegend();
    for (const entry of settings.layers || []) this.addLayer(entry);
    const position = (param('at') || '').split(',').map(Number);
    if (position.length === 3 && position.every(Number.isFinite)) this.map.setView(position.slice(0, 2), position[2]);
    const keep = calmly(() => {
      const { lat, lng } = this.map.getCenter();
      setParams({ at: [lat.toFixed(4), lng.toFixed(4), this.map.getZoom().toFixed(1)].join(',') });
    }, 400);
    // Only what the viewer moved: the first fit is everyone's.
    this.map.on('dragend', keep);
    this.map.getContainer().addEventListener('wheel', keep, { passive: true });
    this.map.getContainer().addEventListener('keyup', (event) => { if (/^(Arrow|[+=_-])/.test(event.key)) keep(); });
    this.map.getContainer().querySelectorAll('.leaflet-control-zoom a').forEach((button) => button.addEventListener('click', keep));
    // Sensors fall silent while somebody looks, and wards grow hot.
    setInterval(() => {
      if (document.hidden) return;
      this.addHotspots();
      if (this.toggle.checked) this.addSensors();
    }, AGAIN_MS);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.drawSensors());
    new ResizeObserver(() => this.map.invalidateSize({ animate: false })).observe(this.map.getContainer());
  }

  drawWards(collection) {
    const bounds = L.latLngBounds([]);
    L.geoJSON(collection, {
      style: { className: 'ward' },
      onEachFeature: (feature, layer) => {
        const name = feature.properties && feature.properties.name;
        if (!name) return;
        layer.bindTooltip(() => el('span', { text: this.wardText(name) }), { sticky: true, direction: 'top' });
        layer.on('click', (event) => {
          if (this.openSensor(event.containerPoint)) L.DomEvent.stopPropagation(event);
          else this.choose(param('ward') === name ? '' : name);
        });
        this.wards.set(name, layer);
        bounds.extend(layer.getBounds());
      }
    }).addTo(this.map).bringToBack();
    if (bounds.isValid()) this.fit(bounds);
  }

  async addLayer({ path }) {
    const content = await getIfAny(path).catch(() => null);
    if (!content) return;
    L.geoJSON(content, {
      style: { className: 'layer' },
      pointToLayer: (feature, at) => L.circleMarker(at, { radius: 5, className: 'layer' }),
      onEachFeature: (feature, layer) => {
        const name = feature.properties && (feature.properties.name || feature.properties.title);
        if (name) layer.bindTooltip(() => said(name));
      }
    }).addTo(this.map);
  }

  /// What is expected where, and what listens: after the first picture, for nothing waits for it.
  async addContext() {
    await Promise.all([this.addHotspots(), this.addSensors()]);
  }

  /// Over the time frame that is looked at.
  async addHotspots() {
    const days = param('days');
    const found = await hotspots({ kind: 'ward' }, days).catch(() => null);
    if (days !== param('days')) return;
    this.hot = found;
    this.drawLegend();
    this.shade();
  }

  async addSensors() {
    const sensors = await getIfAny('/api/sensors').catch(() => null);
    if (!sensors) return;
    this.sensors = objects(sensors);
    this.heard = new Map();
    for (const sensor of this.sensors) if (sensor.ward && sensor.last_heard) this.heard.set(sensor.ward, (this.heard.get(sensor.ward) || 0) + 1);
    this.drawLegend();
    this.shade();
    this.drawSensors();
  }

  fit(bounds) {
    const again = () => {
      this.map.invalidateSize({ animate: false });
      this.map.fitBounds(bounds, { padding: [10, 10], maxZoom: 15, animate: false });
    };
    again();
    this.isFitted = true;
  }

  update(rows) {
    this.shown = rows;
    const present = new Set();
    const added = [];
    const removed = [];
    for (const row of rows) {
      if (!Number.isFinite(row.lat) || !Number.isFinite(row.long)) continue;
      present.add(row.id);
      const look = [row.lat, row.long, row.severity, row.status, row.title].join('\n');
      const known = this.markers.get(row.id);
      if (known && known.look === look) continue;
      if (known) removed.push(known.marker);
      const marker = this.marker(row);
      this.markers.set(row.id, { marker, look });
      added.push(marker);
    }
    for (const [id, { marker }] of this.markers) {
      if (!present.has(id)) { removed.push(marker); this.markers.delete(id); }
    }
    if (this.cluster.removeLayers) {
      if (removed.length > 0) this.cluster.removeLayers(removed);
      if (added.length > 0) this.cluster.addLayers(added);
    } else {
      removed.forEach((marker) => this.cluster.removeLayer(marker));
      added.forEach((marker) => this.cluster.addLayer(marker));
    }
    if (!this.isFitted && added.length > 0) this.fit(L.latLngBounds(added.map((marker) => marker.getLatLng())).pad(.2));
    this.shade();
  }

  marker(row) {
    const size = row.severity >= 3 ? 30 : 24;
    const marker = L.marker([row.lat, row.long], {
      icon: L.divIcon({ html: icon(row.service_code), className: 'pin', iconSize: [size, size] }), keyboard: false, level: row.severity
    });
    marker.on('add', () => {
      const face = marker.getElement();
      Object.assign(face.dataset, { service: row.service_code, level: row.severity, status: row.status });
      // The list beside says the same to those who don't see the map.
      face.setAttribute('aria-hidden', 'true');
    });
    marker.bindPopup(() => el('div', {},
      el('strong', {}, title(row.title)), el('p', {}, said(placeOf(row.address, row.ward))), el('p', {}, time(row.since, 'since')),
      el('p', {}, el('a', { href: href('/request', { id: row.id }), text: t('open-details') }))), { maxWidth: 260 });
    return marker;
  }

  shade() {
    const open = new Map();
    for (const row of this.shown || []) if (row.ward) open.set(row.ward, (open.get(row.ward) || 0) + 1);
    this.open = open;
    if (this.isTested !== this.wasTested) {
      this.wasTested = this.isTested;
      this.drawLegend();
    }
    for (const [name, layer] of this.wards) {
      const path = layer.getElement && layer.getElement();
      if (path) path.dataset.shade = this.shadeOf(name);
    }
    this.tellCoverage();
  }

  placesOf(name) { return this.places.filter((place) => place.id === name); }

  /// What is known of wards, of the service that is looked at.
  get places() {
    const service = param('service');
    return (this.hot ? this.hot.places : []).filter((place) => place.kind === 'ward' && (!service || place.service_code === service));
  }

  /// Whether there is history enough to say of any ward what is usual there. Until then they are shaded by what is open.
  get isTested() { return this.places.some((place) => place.claim === 'tested'); }

  shadeOf(name) {
    if (this.heard && !this.heard.has(name)) return 'silent';
    if (!this.isTested) {
      const open = this.open.get(name) || 0;
      return open < 2 ? 'usual' : open < 5 ? 'cool-1' : 'cool-2';
    }
    const places = this.placesOf(name);
    if (places.some((place) => place.is_hot)) return 'hot';
    if (places.some((place) => place.claim === 'tested' && place.count > (place.expected_high ?? Infinity))) return 'warm';
    return places.some((place) => place.claim === 'tested') ? 'usual' : 'unknown';
  }

  wardText(name) {
    const parts = [t('ward-open', { ward: name, n: this.open ? this.open.get(name) || 0 : 0 })];
    if (this.heard) parts.push(this.heard.has(name) ? t('ward-sensors', { n: this.heard.get(name) }) : t('ward-silent'));
    const tested = this.placesOf(name).filter((place) => place.claim === 'tested').sort((a, b) => (b.ratio || 0) - (a.ratio || 0));
    if (tested.length > 0 && (tested[0].is_hot || tested[0].count > tested[0].expected_high)) {
      const { ratio, count, expected } = tested[0];
      parts.push(t('ward-above', { ratio: number(ratio), count, days: this.hot.days, expected: number(expected) }));
    } else if (tested.length > 0) parts.push(t('ward-expected'));
    else if (this.hot && this.heard && this.heard.has(name)) parts.push(t('ward-no-history'));
    return parts.join(' · ');
  }

  drawLegend() {
    const item = (shape, shade, text) => el('li', {}, el('span', { class: 'mark-of ' + shape, data: shade ? { shade } : {}, 'aria-hidden': 'true', text: shape === 'several' ? '2' : '' }), el('span', { text }));
    const areas = this.wards.size === 0 ? []
      : this.isTested ? [item('area', 'hot', t('legend-hot')), item('area', 'warm', t('legend-warm')), item('area', 'usual', t('legend-usual')), item('area', 'unknown', t('legend-unknown'))]
        : [item('area', 'cool-2', t('legend-open-2')), item('area', 'cool-1', t('legend-open-1')), item('area', 'usual', t('legend-open-0'))];
    this.tellCoverage();
    this.legend.replaceChildren(item('ring', '', t('legend-ring')), item('several', '', t('legend-several')), ...areas,
      ...(this.wards.size > 0 ? [item('area', 'silent', t('legend-none'))] : []),
      ...(this.toggle.checked ? [item('dot', '', t('legend-sensor')), item('dot fault', '', t('legend-sensor-fault'))] : []));
  }

  /// What the map can't tell: where nothing listens, and where nobody knows what is usual.
  tellCoverage() {
    if (this.names.length === 0 || !this.heard) return;
    const heard = this.names.filter((name) => this.heard.has(name)).length;
    const compared = !this.hot ? '' : this.isTested ? t('map-compares', { n: this.hot.days }) : t('map-no-history');
    // What the shades say, for those who don't see them.
    const hot = this.isTested ? this.names.filter((name) => this.shadeOf(name) === 'hot') : [];
    const named = hot.length === 0 ? '' : t('map-hot', { wards: list(hot) });
    setText(this.coverage, [t('coverage-line', { heard, n: this.names.length }), compared, named].filter(Boolean).join(' '));
  }

  drawSensors() {
    this.drawLegend();
    if (this.dots) { this.dots.remove(); this.dots = null; }
    if (!this.toggle.checked || !this.sensors) return;
    // One for as long as the map lives: Leaflet keeps what it has once been given.
    this.canvas = this.canvas || L.canvas({ padding: .3, pane: 'sensors' });
    const tone = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const [fine, bad, edge] = [tone('--accent'), tone('--s4'), tone('--card')];
    this.dots = L.layerGroup(this.sensors.filter((sensor) => Number.isFinite(sensor.lat) && Number.isFinite(sensor.long)).map((sensor) => {
      const isFaulty = sensor.faults.length > 0;
      return L.circleMarker([sensor.lat, sensor.long], { renderer: this.canvas, pane: 'sensors', interactive: false, radius: isFaulty ? 5 : 3.5, color: edge, weight: 1, fillColor: isFaulty ? bad : fine, fillOpacity: 1 });
    })).addTo(this.map);
  }

  /// Opens what is known of the sensor at that pixel of the map. Whether there is one.
  openSensor(point) {
    if (!this.dots) return false;
    const distance = (sensor) => (Number.isFinite(sensor.lat) && Number.isFinite(sensor.long) ? this.map.latLngToContainerPoint([sensor.lat, sensor.long]).distanceTo(point) : Infinity);
    const nearest = this.sensors.map((sensor) => [distance(sensor), sensor]).reduce((a, b) => (b[0] < a[0] ? b : a), [POINTER_PX, null])[1];
    if (!nearest) return false;
    L.popup({ maxWidth: 240 }).setLatLng([nearest.lat, nearest.long]).setContent(el('div', {},
      el('strong', {}, sensorLink(nearest.id)), el('p', { text: kindName(nearest.kind) }), el('p', {}, said(placeOf(nearest.address, nearest.ward))), el('p', {}, time(nearest.last_heard, 'ago')))).openOn(this.map);
    return true;
  }
}

function clusterIcon(cluster) {
  const count = cluster.getChildCount();
  const size = count < 10 ? 34 : count < 100 ? 40 : 48;
  const isGrave = cluster.getAllChildMarkers().some((marker) => marker.options.level === 4);
  return L.divIcon({ html: el('span', { text: String(count) }), className: isGrave ? 'cluster grave' : 'cluster', iconSize: [size, size] });
}
