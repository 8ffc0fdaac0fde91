// The map: ward outlines and a marker a request. Everything works without it.
'use strict';

window.SluiceMap = (function () {
  // Text only ever enters the page through here.
  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined && text !== null) made.textContent = text;
    return made;
  }

  function icon(service) {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    svg.setAttribute('aria-hidden', 'true');
    svg.setAttribute('focusable', 'false');
    const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
    use.setAttribute('href', '#icon-' + service);
    svg.append(use);
    return svg;
  }

  class RequestMap {
    constructor(panel, credit) {
      this.panel = panel;
      this.credit = credit;
      this.markers = new Map();
      this.wards = [];
      this.isFitted = false;
    }

    static setShown(panel, isShown) {
      panel.hidden = !isShown;
      panel.parentElement.classList.toggle('with-map', isShown);
    }

    show() {
      if (this.map) return;
      RequestMap.setShown(this.panel, true);
      // No tiles: the outlines are the ground, so that the map needs no other server.
      this.map = L.map('map', { attributionControl: false, minZoom: 3, maxZoom: 18, zoomSnap: 0.1, zoomDelta: 0.75 });
      this.map.setView([0, 0], 3);
      this.layer = L.markerClusterGroup
        ? L.markerClusterGroup({ showCoverageOnHover: false, maxClusterRadius: 36, iconCreateFunction: RequestMap.cluster })
        : L.layerGroup();
      this.layer.addTo(this.map);
      this.credit.textContent = 'Map drawn with Leaflet';
    }

    static cluster(cluster) {
      const count = cluster.getChildCount();
      const face = element('span', '', String(count));
      const size = count < 10 ? 34 : count < 100 ? 40 : 48;
      const isGrave = cluster.getAllChildMarkers().some((marker) => marker.options.level === 4);
      return L.divIcon({ html: face, className: isGrave ? 'cluster grave' : 'cluster', iconSize: [size, size] });
    }

    drawWards(collection) {
      this.show();
      L.geoJSON(collection, {
        style: { className: 'ward' },
        onEachFeature: (feature, layer) => {
          const name = feature.properties && feature.properties.name;
          if (!name) return;
          layer.bindTooltip(() => this.wardLabel(name), { sticky: true, direction: 'top' });
          this.wards.push({ name, layer });
        }
      }).addTo(this.map).bringToBack();
      const bounds = L.latLngBounds([]);
      this.wards.forEach((ward) => bounds.extend(ward.layer.getBounds()));
      this.fit(bounds);
      if (collection.attribution) {
        const source = String(collection.attribution).replace(/\(c\)/g, '©').replace(/\.$/, '');
        this.credit.textContent = 'Ward outlines: ' + source + ' · Map drawn with Leaflet';
      }
    }

    wardLabel(name) {
      const open = this.openByWard && this.openByWard.get(name) || 0;
      return element('span', '', name + ': ' + open + ' open');
    }

    fit(bounds) {
      if (this.isFitted || !bounds.isValid()) return;
      this.isFitted = true;
      this.bounds = bounds;
      const again = () => {
        this.map.invalidateSize({ animate: false });
        this.map.fitBounds(bounds, { padding: [12, 12], maxZoom: 15, animate: false });
      };
      again();
      // The panel may still be taking its size.
      requestAnimationFrame(again);
    }

    update(requests) {
      const placed = requests.filter((request) => Number.isFinite(request.lat) && Number.isFinite(request.long));
      if (placed.length > 0) this.show();
      if (!this.map) {
        if (this.hasNoWards) RequestMap.setShown(this.panel, false);
        return;
      }
      const present = new Set();
      for (const request of placed) {
        present.add(request.service_request_id);
        this.place(request);
      }
      for (const [id, entry] of this.markers) {
        if (present.has(id)) continue;
        this.layer.removeLayer(entry.marker);
        this.markers.delete(id);
      }
      this.shadeWards(requests);
      if (!this.isFitted && placed.length > 0) {
        const bounds = L.latLngBounds(placed.map((request) => [request.lat, request.long])).pad(0.2);
        // Wards may still be loading: they fit better.
        if (this.hasNoWards) this.fit(bounds);
      }
    }

    place(request) {
      const id = request.service_request_id;
      const level = (request.extended_attributes || {}).severity || 1;
      const look = [request.lat, request.long, level, request.title, request.address].join('\n');
      const known = this.markers.get(id);
      if (known && known.look === look) return;
      if (known) this.layer.removeLayer(known.marker);
      const size = level >= 3 ? 30 : 24;
      const pin = L.divIcon({ html: icon(request.service_code), className: 'pin', iconSize: [size, size] });
      const marker = L.marker([request.lat, request.long], { icon: pin, keyboard: false, level });
      marker.on('add', () => {
        const face = marker.getElement();
        face.dataset.service = request.service_code;
        face.dataset.level = level;
        face.setAttribute('aria-hidden', 'true');
      });
      // Beside the zoom buttons, also on a narrow screen.
      marker.bindPopup(() => this.popup(request),
        { maxWidth: Math.min(280, this.map.getSize().x - 120), autoPanPaddingTopLeft: [56, 12] });
      this.layer.addLayer(marker);
      this.markers.set(id, { marker, look });
    }

    popup(request) {
      const box = element('div');
      box.append(element('strong', '', request.title || request.service_name));
      if (request.address) box.append(element('p', '', request.address));
      box.append(element('p', '', request.service_name + ' · request ' + request.service_request_id));
      return box;
    }

    shadeWards(requests) {
      this.openByWard = new Map();
      for (const request of requests) {
        const ward = (request.extended_attributes || {}).ward;
        if (ward) this.openByWard.set(ward, (this.openByWard.get(ward) || 0) + 1);
      }
      for (const { name, layer } of this.wards) {
        const path = layer.getElement && layer.getElement();
        const open = this.openByWard.get(name) || 0;
        if (path) path.dataset.open = open === 0 ? 0 : open < 2 ? 1 : open < 5 ? 2 : 3;
      }
    }

    /// Moves to a request's marker and opens its text. False when it has none.
    open(id) {
      const entry = this.markers.get(id);
      if (!entry) return false;
      const shown = () => entry.marker.openPopup();
      if (this.layer.zoomToShowLayer) this.layer.zoomToShowLayer(entry.marker, shown);
      else shown();
      this.panel.scrollIntoView({ block: 'nearest' });
      return true;
    }
  }

  return { RequestMap, element, icon, isAvailable: typeof L !== 'undefined' };
})();
