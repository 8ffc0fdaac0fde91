// The first page: reads the same Open311 documents as every other client, and the live stream.
'use strict';

(function () {
  const { RequestMap, element, icon, isAvailable } = window.SluiceMap;
  const API = '/open311/v2/';
  const SEVERITIES = { 4: 'At once', 3: 'Urgent', 2: 'Soon', 1: 'Low priority' };
  // The heading says it once for all cards.
  const ORIGIN = / Raised automatically by the city's street sensors\.$/;
  const PAGE = 100;
  const byId = (id) => document.getElementById(id);
  const list = byId('list');
  const map = isAvailable ? new RequestMap(byId('map-panel'), byId('credit')) : null;
  if (!map) RequestMap.setShown(byId('map-panel'), false);

  const requests = new Map();   // id → open request
  const cards = new Map();      // id → its element, kept so that focus survives updates
  const waiting = new Set();    // ids to ask for again
  let services = [];
  let chosen = null;            // a service code, or null for all
  let shown = PAGE;
  let isLoaded = false;
  let isLoading = false;
  let isFailing = false;
  let isStreaming = false;
  const touched = new Set();    // ids that changed while the list was being read
  let loads = 0;                // to ignore answers that a later reload overtook
  let heard = null;             // the daemon's clock, and ours when it told us

  // --- Times: in the time zone of whoever looks, ages by the daemon's clock ---

  const hour = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
  const day = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short' });
  const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });

  // Between two tellings it runs at our pace. The demo's runs faster: it jumps at each telling, and is never ahead.
  function now() { return heard ? heard.theirs + (performance.now() - heard.ours) : Date.now(); }

  function hearClock(text) {
    const theirs = Number(text);
    if (!text || !Number.isFinite(theirs)) return;
    heard = { theirs, ours: performance.now() };
    retellTimes();
  }

  function when(moment) {
    const isToday = moment.toDateString() === new Date(now()).toDateString();
    return (isToday ? '' : day.format(moment) + ', ') + hour.format(moment);
  }

  function age(moment) {
    const minutes = Math.max(0, Math.floor((now() - moment) / 60000));
    if (minutes < 1) return 'just now';
    if (minutes < 60) return minutes + ' min';
    const hours = Math.floor(minutes / 60);
    if (hours < 6) return hours + ' h ' + (minutes % 60) + ' min';
    return hours < 48 ? hours + ' h' : Math.floor(hours / 24) + ' days';
  }

  function tell(time) {
    const moment = new Date(time.dateTime);
    const text = 'since ' + when(moment) + ' (' + age(moment) + ')';
    if (time.textContent !== text) time.textContent = text;
  }

  function since(text) {
    const made = element('time');
    made.dateTime = text;
    made.title = full.format(new Date(text));
    tell(made);
    return made;
  }

  function retellTimes() {
    list.querySelectorAll('time').forEach(tell);
    // Stands still while nothing is heard: then the list is as old as it says.
    if (!isLoaded || !isStreaming) return;
    const moment = new Date(now());
    byId('as-of').textContent = 'as of ' + day.format(moment) + ', ' + hour.format(moment);
  }

  // --- Drawing ---

  function extra(request) { return request.extended_attributes || {}; }

  function inOrder() {
    return Array.from(requests.values())
      .filter((request) => chosen === null || request.service_code === chosen)
      .sort((a, b) => (extra(b).severity || 0) - (extra(a).severity || 0)
        || b.requested_datetime.localeCompare(a.requested_datetime)
        || Number(b.service_request_id) - Number(a.service_request_id));
  }

  function card(request) {
    const level = extra(request).severity || 1;
    const made = element('li', 'request');
    made.dataset.service = request.service_code;

    const kind = element('p', 'kind');
    const severity = element('span', 'severity', SEVERITIES[level] || 'Severity ' + level);
    severity.dataset.level = level;
    kind.append(severity, element('span', 'service', request.service_name),
      element('span', 'number', '#' + request.service_request_id));

    const title = element('h3');
    const name = request.title || request.service_name;
    if (map && Number.isFinite(request.lat)) {
      const button = element('button', '', name);
      button.type = 'button';
      button.title = 'Show on the map';
      button.addEventListener('click', () => map.open(request.service_request_id));
      title.append(button);
    } else {
      title.textContent = name;
    }

    const where = element('p', 'where');
    const ward = extra(request).ward;
    const address = request.address || '';
    const place = ward && !address.includes(ward) ? [address, ward].filter(Boolean).join(', ') : address;
    if (place) where.append(element('span', '', place));
    where.append(since(extra(request).first_seen || request.requested_datetime));

    made.append(kind, title, where);
    const text = (request.description || '').replace(ORIGIN, '');
    if (text) made.append(element('p', 'text', text));
    return made;
  }

  function draw() {
    const ordered = inOrder();
    const visible = ordered.slice(0, shown);
    const focused = document.activeElement && document.activeElement.closest('.request');
    const focusedID = focused && focused.dataset.id;
    const wanted = new Set(visible.map((request) => request.service_request_id));
    for (const [id, entry] of cards) {
      if (!wanted.has(id)) { entry.node.remove(); cards.delete(id); }
    }
    visible.forEach((request, position) => {
      const id = request.service_request_id;
      const look = JSON.stringify(request);
      let entry = cards.get(id);
      if (!entry || entry.look !== look) {
        const node = card(request);
        node.dataset.id = id;
        if (request.isFresh) node.classList.add('fresh');
        if (entry) entry.node.replaceWith(node);
        entry = { node, look };
        cards.set(id, entry);
      }
      if (list.children[position] !== entry.node) list.insertBefore(entry.node, list.children[position] || null);
    });
    if (focusedID && cards.has(focusedID) && !cards.get(focusedID).node.contains(document.activeElement)) {
      const button = cards.get(focusedID).node.querySelector('button');
      if (button) button.focus({ preventScroll: true });
    }
    byId('more').hidden = ordered.length <= shown;
    drawCounts();
    drawSummary(ordered.length);
    if (map && isLoaded) map.update(Array.from(requests.values()).filter((r) => chosen === null || r.service_code === chosen));
  }

  function drawCounts() {
    const counts = byId('counts');
    if (services.length > 0 && counts.querySelectorAll('button').length !== services.length) {
      counts.replaceChildren(...services.map((service) => {
        const button = element('button', 'count');
        button.type = 'button';
        button.dataset.service = service.service_code;
        const badge = element('span', 'badge');
        badge.append(icon(service.service_code));
        const words = element('span');
        words.append(element('b'), element('span', 'name', service.service_name));
        button.append(badge, words);
        button.addEventListener('click', () => {
          chosen = chosen === service.service_code ? null : service.service_code;
          shown = PAGE;
          draw();
        });
        const item = element('li');
        item.append(button);
        return item;
      }));
    }
    services.forEach((service, position) => {
      const button = counts.children[position].firstElementChild;
      const open = Array.from(requests.values()).filter((r) => r.service_code === service.service_code).length;
      button.querySelector('b').textContent = isLoaded ? String(open) : '–';
      button.setAttribute('aria-pressed', String(chosen === service.service_code));
    });
  }

  function drawSummary(count) {
    const service = services.find((service) => service.service_code === chosen);
    const text = !isLoaded ? (isFailing ? 'No answer yet; trying again' : 'Loading…')
      : service ? service.service_name + ': ' + count
      : count + (count > 1 ? ', most urgent first' : '');
    // Unchanged text must not be announced again.
    if (byId('summary').textContent !== text) byId('summary').textContent = text;
    byId('all').hidden = chosen === null;
    byId('empty').hidden = !isLoaded || count > 0;
    byId('empty').textContent = service
      ? 'Nothing open here.' : 'Nothing is open. When a sensor finds something, it shows here at once.';
  }

  function say(state, text) {
    byId('live').dataset.state = state;
    if (byId('live-text').textContent !== text) byId('live-text').textContent = text;
  }

  // --- Reading ---

  async function read(path) {
    const answer = await fetch(path, { headers: { Accept: 'application/json' } });
    if (!answer.ok) throw new Error(path + ' answered ' + answer.status);
    hearClock(answer.headers.get('Sluice-Now-Ms'));
    return { data: await answer.json(), link: answer.headers.get('Link') || '' };
  }

  async function load() {
    const turn = ++loads;
    const found = [];
    isLoading = true;
    for (let page = 1; page <= 10; page += 1) {
      const { data, link } = await read(API + 'requests.json?status=open&extensions=true&page=' + page);
      found.push(...data);
      if (!link.includes('rel="next"')) break;
    }
    // Overtaken, but better than nothing.
    if (turn !== loads && isLoaded) return;
    requests.clear();
    found.forEach((request) => requests.set(request.service_request_id, request));
    if (!isLoaded) {
      isLoaded = true;
      list.replaceChildren();
      list.removeAttribute('aria-busy');
    }
    draw();
    retellTimes();
    if (turn !== loads) return;
    isLoading = false;
    isFailing = false;
    if (isStreaming) say('live', 'Live');
    // What changed meanwhile may be older in the list than in the event.
    touched.forEach(askAgain);
    touched.clear();
  }

  function apply(request) {
    if (isLoading) touched.add(request.service_request_id);
    if (request.status === 'open') {
      const isNew = !requests.has(request.service_request_id);
      requests.set(request.service_request_id, Object.assign({}, request, { isFresh: isNew }));
    } else {
      requests.delete(request.service_request_id);
    }
  }

  let timer = null;

  // Decisions come in bursts: one question for all that changed.
  function askAgain(id) {
    waiting.add(id);
    if (timer !== null) return;
    timer = setTimeout(async () => {
      timer = null;
      const ids = Array.from(waiting);
      waiting.clear();
      try {
        for (let first = 0; first < ids.length; first += 100) {
          const some = ids.slice(first, first + 100).join(',');
          const { data } = await read(API + 'requests.json?extensions=true&service_request_id=' + some);
          data.forEach(apply);
        }
        draw();
      } catch (error) {
        reload();
      }
    }, 400);
  }

  let retry = null;

  function reload() {
    if (retry !== null) return;
    load().catch(() => {
      if (retry !== null) return;
      isFailing = true;
      if (!isLoaded) drawSummary(0);
      say('lost', 'No answer; trying again');
      retry = setTimeout(() => { retry = null; reload(); }, 5000);
    });
  }

  function listen() {
    const stream = new EventSource('/api/events');
    // After every connection the list is read afresh: nothing of before is replayed.
    stream.addEventListener('open', () => { isStreaming = true; if (isLoaded && !isFailing) say('live', 'Live'); reload(); });
    stream.addEventListener('error', () => {
      isStreaming = false;
      say('lost', 'Connection lost; trying again');
      // A refusal (too many streams) ends the EventSource for good.
      if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 10000);
    });
    stream.addEventListener('clock', (event) => hearClock(JSON.parse(event.data).now_ms));
    stream.addEventListener('gap', reload);
    stream.addEventListener('request', (event) => { JSON.parse(event.data).forEach(apply); draw(); });
    stream.addEventListener('decision', (event) => {
      const decision = JSON.parse(event.data);
      if (decision.service_request_id) askAgain(decision.service_request_id);
    });
  }

  // --- Start ---

  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone) byId('zone').textContent = ' (' + zone + ')';
  byId('more').addEventListener('click', () => { shown += PAGE; draw(); });
  byId('all').addEventListener('click', () => {
    chosen = null;
    shown = PAGE;
    draw();
    byId('requests').focus({ preventScroll: true });
  });
  setInterval(retellTimes, 30000);
  drawSummary(0);
  read(API + 'services.json').then(({ data }) => { services = data; draw(); }).catch(() => {});
  read(API + 'discovery.json').then(({ data }) => {
    if (data.endpoints.every((endpoint) => endpoint.type === 'test')) {
      byId('tagline').textContent = 'Test server: requests may be made up';
    }
  }).catch(() => {});
  if (map) {
    read('/assets/wards.geojson').then(({ data }) => { map.drawWards(data); draw(); }).catch(() => { map.hasNoWards = true; draw(); });
  }
  reload();
  listen();
})();
