// The page: what the user does, what the server is asked, and when what is drawn anew.

import { Review } from './state.js';
import { LABELS, drawCard, drawDocument, element, offsetAt } from './view.js';

const CHARACTERS = 800; // about what is asked about at once
const LONGEST = 200; // characters that suggestions are asked for
const SUGGESTED = 9; // as many as there are keys for
const $ = (id) => document.getElementById(id);

let review = null;
let current = null; // id of a finding
let paragraphs = [];
let visible = new Set(); // numbers of blocks on the screen
let observer = null;
let asked = null; // AbortController of the document that is worked on
let saved = true;

// asking the server ----------------------------------------------------------------------------------

async function ask(path, body, type = 'application/json') {
  const answer = await fetch(path, { method: 'POST', body, headers: { 'content-type': type }, signal: asked?.signal });
  if (answer.ok) return answer;
  const text = await answer.text();
  let told = text;
  try {
    told = JSON.parse(text).detail;
  } catch { /* no JSON: the text says it */ }
  throw Object.assign(new Error(told), { status: answer.status });
}

const question = (more) => JSON.stringify({
  text: review.document.text, name: review.document.read_as, untouchable: review.document.untouchable, ...more,
});

async function patiently(path, body) {
  let late = 0;
  for (let wait = 1000; ; wait = Math.min(2 * wait, 30000)) {
    try {
      return await (await ask(path, body)).json();
    } catch (error) {
      // what the server had done when time was up it remembers, so it gets further each time
      if (error.status === 503) late += 1;
      if ((error.status !== 429 && error.status !== 503) || late > 5) throw error;
      tell('The server is busy; waiting…');
      await new Promise((done) => { setTimeout(done, wait); });
    }
  }
}

// flags of the whole text first, which is quick; then repairs, for what is on the screen before the rest
async function work() {
  const mine = review;
  try {
    const flags = await patiently('detect', question({}));
    if (mine !== review) return;
    if (flags.skipped) {
      mine.skipped = flags.skipped;
      mine.blocks.forEach((block) => { block.looked = true; });
      drawAll();
      return;
    }
    mine.put(0, mine.document.text.length, flags, { looking: true });
    drawAll();
    for (let blocks = chunk(); blocks.length; blocks = chunk()) {
      const within = [blocks[0].start, blocks.at(-1).end].map((offset) => mine.offsets.points(offset));
      const found = await patiently('fix', question({ within: [within] }));
      if (mine !== review) return;
      mine.put(blocks[0].start, blocks.at(-1).end, found, { looking: false });
      blocks.forEach((block) => { block.looked = true; });
      drawAll();
    }
    if (!mine.findings.length) tell('Nothing found.');
  } catch (error) {
    if (error.name !== 'AbortError' && mine === review) tell(error.message, true);
  }
}

const chunk = () => review.next([...visible].sort((a, b) => a - b), CHARACTERS);

// what the reader marks ------------------------------------------------------------------------------

/** The whole words that are selected in the document; null without any. */
function selected() {
  const range = getSelection()?.rangeCount ? getSelection().getRangeAt(0) : null;
  if (!review || !range || range.collapsed || !$('document').contains(range.commonAncestorContainer)) return null;
  let start = offsetAt(review, range.startContainer, range.startOffset);
  let end = offsetAt(review, range.endContainer, range.endOffset);
  if (start === null || end === null) return null;
  const { text } = review.document;
  const letter = (at) => /[\p{L}\p{N}]/u.test(text[at] ?? '');
  while (start < end && /\s/.test(text[start])) start += 1;
  while (start < end && /\s/.test(text[end - 1])) end -= 1;
  while (letter(start - 1) && letter(start)) start -= 1;
  while (letter(end - 1) && letter(end)) end += 1;
  return start < end ? { start, end } : null;
}

async function suggest() {
  const place = selected() ?? (current && review.get(current));
  if (!place) return;
  if (place.end - place.start > LONGEST) {
    tell('These are too many words at once: select fewer.', true);
    return;
  }
  const mine = review;
  tell('Looking for repairs…');
  try {
    const within = [place.start, place.end].map((offset) => mine.offsets.points(offset));
    const found = await patiently('suggest', question({ places: [within] }));
    if (mine !== review) return;
    const id = review.mark(place.start, place.end, found.places[0].edits.slice(0, SUGGESTED));
    getSelection().removeAllRanges();
    if (id) show(id);
    tell(id === null ? 'There is a decision about these words: reopen it first.'
      : review.get(id).options.length ? '' : 'No repair was found; type your own.', id === null);
  } catch (error) {
    if (error.name !== 'AbortError' && mine === review) tell(error.message, true);
  }
}

// opening and closing --------------------------------------------------------------------------------

async function openText(name, text) {
  await openDocument(name, new TextEncoder().encode(text));
}

async function openDocument(name, bytes) {
  if (!leave()) return;
  close();
  asked = new AbortController();
  try {
    const answer = await ask(`documents?name=${encodeURIComponent(name)}`, bytes, 'application/octet-stream');
    const document_ = await answer.json();
    if (!document_.text.trim()) throw new Error('There is no text in it.');
    begin({ ...document_, data: base64(bytes) });
  } catch (error) {
    if (error.name !== 'AbortError') tell(error.message, true);
  }
}

function base64(bytes) {
  let binary = '';
  for (let start = 0; start < bytes.length; start += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  }
  return btoa(binary);
}

function begin(document_) {
  review = new Review(document_);
  saved = true;
  tell('');
  $('name').textContent = document_.name;
  $('start').hidden = true;
  $('review').hidden = $('tools').hidden = $('new').hidden = false;
  paragraphs = review.blocks.map((_, index) => {
    const made = element('p');
    made.dataset.block = index;
    return made;
  });
  $('document').replaceChildren(...paragraphs);
  observer = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const index = Number(entry.target.dataset.block);
      if (entry.isIntersecting) visible.add(index);
      else visible.delete(index);
    }
  });
  paragraphs.forEach((paragraph) => observer.observe(paragraph));
  $('formats').replaceChildren(...document_.formats.map((format) => {
    const button = element('button', { type: 'button' }, format.label);
    button.dataset.format = format.format;
    button.addEventListener('click', () => download(format));
    return button;
  }));
  $('card').dataset.empty = 'Looking for what reads like bad translation…';
  scrollTo(0, 0);
  drawAll();
  work();
}

function close() {
  asked?.abort();
  observer?.disconnect();
  visible = new Set();
  review = null;
  current = null;
  $('start').hidden = false;
  $('review').hidden = $('tools').hidden = $('new').hidden = true;
  $('name').textContent = '';
}

const leave = () => saved || window.confirm('Put this review away? Its decisions are not downloaded yet.');

async function download(format) {
  $('downloads').open = false;
  try {
    const { name, data } = review.document;
    const answer = await ask('export', JSON.stringify({ name, data, format: format.format, ...review.outcome() }));
    const address = URL.createObjectURL(await answer.blob());
    const link = element('a', { href: address, download: format.name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
    saved = true;
  } catch (error) {
    tell(error.message, true);
  }
}

// drawing --------------------------------------------------------------------------------------------

function matches(finding) {
  const state = $('state').value;
  return (!$('kind').value || finding.category === $('kind').value)
    && (!state || review.stateOf(finding) === state) && 100 * finding.confidence >= Number($('sure').value);
}

function drawAll() {
  if (current && !review.get(current)) current = null;
  // the list of a filter is fixed while a finding of it is looked at
  if (!current) current = (review.findings.find((one) => matches(one) && review.stateOf(one) === 'open') ?? null)?.id ?? null;
  drawDocument(paragraphs, review, { current, matches });
  const state = (wanted) => review.findings.filter((one) => review.stateOf(one) === wanted).length;
  const open = state('open');
  const looked = review.blocks.filter((block) => block.looked).length / review.blocks.length;
  $('progress').textContent = `${review.findings.length - open} of ${review.findings.length} decided`;
  $('looked').value = looked;
  $('looked').hidden = looked === 1;
  $('undo').disabled = !review.past.length;
  $('redo').disabled = !review.future.length;
  $('suggest').disabled = !current && !selected();
  $('accept-sure').disabled = !sureOnes().length;
  $('accept-sure').textContent = `Accept sure (${sureOnes().length})`;
  if (looked === 1) {
    const nothing = review.skipped ? `Left alone: ${review.skipped}.` : 'Nothing was found in this text.';
    $('card').dataset.empty = review.findings.length ? 'Select a finding in the text.' : nothing;
  }
  drawKinds();
  drawCard($('card'), review, current && review.get(current), act);
}

function drawKinds() {
  const kinds = [...new Set(review.findings.map((one) => one.category))].sort();
  const chosen = $('kind').value;
  $('kind').replaceChildren(
    element('option', { value: '' }, 'all'),
    ...kinds.map((kind) => element('option', { value: kind, selected: kind === chosen }, LABELS[kind])),
  );
}

function show(id) {
  current = id;
  drawAll();
  const found = document.querySelector(`.mark[data-id="${CSS.escape(id)}"]`);
  const box = found?.getBoundingClientRect();
  const low = window.innerWidth > 896 ? window.innerHeight - 60 : window.innerHeight / 2;
  if (box && (box.top < 130 || box.bottom > low)) {
    window.scrollTo({ top: window.scrollY + box.top - Math.min(180, window.innerHeight / 4) });
  }
  found?.focus({ preventScroll: true }); // a screen reader says what it is
}

let telling = 0;
function tell(text, error = false) {
  $('message').textContent = text;
  $('message').classList.toggle('error', error);
  clearTimeout(telling);
  if (text) telling = setTimeout(() => tell(''), error ? 15000 : 5000);
}

// deciding -------------------------------------------------------------------------------------------

const sureOnes = () => review.findings.filter((one) => one.sure && matches(one) && review.stateOf(one) === 'open');

function act(what, finding, text) {
  if (what === 'next') {
    go(1);
    return;
  }
  if (what === 'suggest') {
    suggest();
    return;
  }
  if (what === 'accept' && text === undefined) return;
  const decision = what === 'accept' ? { state: 'accepted', text } : what === 'reject' ? { state: 'rejected' } : null;
  decide({ [finding.id]: decision });
  if (what === 'reopen') show(finding.id);
  else go(1, true);
}

function decide(decisions) {
  review.decide(decisions);
  saved = false;
  drawAll();
}

/** To the next finding that the filter shows (or, with `open`, that is not decided), else stay. */
function go(step, open = false) {
  const from = review.get(current)?.start ?? -1;
  const wanted = review.findings.filter((one) => matches(one) && (!open || review.stateOf(one) === 'open'));
  const found = step > 0 ? wanted.find((one) => one.start > from) ?? (open ? wanted[0] : undefined)
    : wanted.filter((one) => one.start < from).at(-1);
  if (found) show(found.id);
  else drawAll();
}

function step(which) {
  const ids = review[which]();
  if (!ids) return;
  saved = false;
  show(ids[0]);
}

// keys, buttons, files -------------------------------------------------------------------------------

function key(event) {
  const typing = event.target.closest('input, textarea, select, dialog');
  if (!review || typing || event.altKey) return;
  const pressed = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) {
    if (pressed === 'z') step(event.shiftKey ? 'redo' : 'undo');
    else if (pressed === 'y') step('redo');
    else return;
    event.preventDefault();
    return;
  }
  const finding = current && review.get(current);
  const onButton = event.target.closest('button, summary, a');
  const first = finding?.options[0]?.replacement;
  const actions = {
    j: () => go(1), arrowdown: () => go(1), k: () => go(-1), arrowup: () => go(-1),
    a: () => finding && act('accept', finding, first),
    enter: () => !onButton && finding && act('accept', finding, first),
    r: () => finding && act('reject', finding), delete: () => finding && act('reject', finding),
    o: () => finding && act('reopen', finding),
    s: suggest,
    u: () => step(event.shiftKey ? 'redo' : 'undo'),
    e: () => { const own = document.querySelector('#own input'); own?.focus(); own?.select(); },
    '?': () => $('help').showModal(),
  };
  let action = Object.hasOwn(actions, pressed) ? actions[pressed] : null;
  if (/^[1-9]$/.test(pressed) && finding?.options[pressed - 1]) {
    action = () => act('accept', finding, finding.options[pressed - 1].replacement);
  }
  if (!action || (onButton && pressed === 'enter')) return;
  event.preventDefault();
  action();
}

document.addEventListener('keydown', key);
$('document').addEventListener('click', (event) => {
  const found = event.target.closest('.mark');
  if (found && !selected()) show(found.dataset.id);
});
$('paste').addEventListener('submit', (event) => {
  event.preventDefault();
  if ($('text').value.trim()) openText('text.txt', $('text').value);
});
$('file').addEventListener('change', async () => {
  const file = $('file').files[0];
  if (file) await openFile(file);
  $('file').value = '';
});
async function openFile(file) { await openDocument(file.name, new Uint8Array(await file.arrayBuffer())); }
document.addEventListener('dragover', (event) => {
  if (!event.dataTransfer.types.includes('Files')) return;
  event.preventDefault();
  document.body.classList.add('dropping');
});
document.addEventListener('dragleave', (event) => {
  if (!event.relatedTarget) document.body.classList.remove('dropping');
});
document.addEventListener('drop', (event) => {
  document.body.classList.remove('dropping');
  const file = event.dataTransfer.files[0];
  if (!file) return;
  event.preventDefault();
  openFile(file);
});
document.addEventListener('selectionchange', () => { $('suggest').disabled = !current && !selected(); });
$('suggest').addEventListener('mousedown', (event) => event.preventDefault()); // the selection stays
$('suggest').addEventListener('click', suggest);
$('undo').addEventListener('click', () => step('undo'));
$('redo').addEventListener('click', () => step('redo'));
$('accept-sure').addEventListener('click', () => {
  decide(Object.fromEntries(sureOnes().map((one) => [one.id, { state: 'accepted', text: one.options[0].replacement }])));
});
$('new').addEventListener('click', () => { if (leave()) { saved = true; close(); } });
$('help-button').addEventListener('click', () => $('help').showModal());
for (const id of ['kind', 'state', 'sure']) {
  $(id).addEventListener('input', () => {
    $('sure-shown').textContent = `${$('sure').value} %`;
    current = null;
    drawAll();
  });
}
addEventListener('beforeunload', (event) => { if (!saved) event.preventDefault(); });
