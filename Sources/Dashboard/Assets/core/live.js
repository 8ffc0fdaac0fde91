// The live stream, shared by everything on the page.

import { hearClock } from './time.js';

const handlers = { request: new Set(), decision: new Set(), refresh: new Set(), state: new Set() };
let state = 'connecting';

/// `request`: changed requests; `decision`: one decision; `refresh`: read everything again, for something may have been missed;
/// `state`: connecting, live or lost.
export function on(event, handler) { handlers[event].add(handler); }

export function liveState() { return state; }

function tell(event, value) { for (const handler of handlers[event]) handler(value); }

function enter(next) {
  if (state === next) return;
  state = next;
  tell('state', state);
}

export function listen() {
  const stream = new EventSource('/api/events');
  let isFirst = true;
  stream.addEventListener('open', () => {
    const wasLost = state === 'lost';
    enter('live');
    // Nothing of before is replayed: after a break everything is read again, and what could not be read at the start.
    if (!isFirst || wasLost) tell('refresh');
    isFirst = false;
  });
  stream.addEventListener('error', () => {
    enter('lost');
    // A refusal (too many streams) ends the EventSource for good.
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => { listen(); tell('refresh'); }, 10_000);
  });
  stream.addEventListener('clock', (event) => hearClock(JSON.parse(event.data).now_ms));
  stream.addEventListener('gap', () => tell('refresh'));
  stream.addEventListener('request', (event) => tell('request', JSON.parse(event.data)));
  stream.addEventListener('decision', (event) => tell('decision', JSON.parse(event.data)));
  addEventListener('pagehide', () => stream.close(), { once: true });
}
