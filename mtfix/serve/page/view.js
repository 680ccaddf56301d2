// Draws a review. Text goes into the page as text nodes only, so no markup in it can do anything.

export const LABELS = {
  'wrong-sense': 'Wrong sense', 'literal-idiom': 'Literal idiom', collocation: 'Collocation',
  'word-order': 'Word order', 'function-word': 'Function word', 'agreement-tense': 'Agreement or tense', name: 'Name',
  'number-unit': 'Number or unit', casing: 'Upper or lower case', repetition: 'Repetition',
  untranslated: 'Untranslated', omission: 'Something missing', 'tortured-phrase': 'Tortured phrase', other: 'Odd wording',
};

export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

const percent = (share) => `${Math.round(100 * share)} %`;
const shown = (text) => (text === '' ? '(nothing)' : text);

/** The document's lines with their findings; only lines that look different now are drawn. */
export function drawDocument(paragraphs, review, options) {
  let first = 0; // no earlier finding reaches into this block
  review.blocks.forEach((block, index) => {
    while (first < review.findings.length && review.findings[first].end < block.start) first += 1;
    const inside = [];
    for (let at = first; at < review.findings.length && review.findings[at].start <= block.end; at += 1) {
      inside.push(review.findings[at]);
    }
    const looks = inside.map((one) => [one.id, one.looking, one.decision, one.id === options.current, options.matches(one)]);
    const key = JSON.stringify([block.looked, looks]);
    if (paragraphs[index].looks === key) return;
    paragraphs[index].looks = key;
    drawBlock(paragraphs[index], review, block, inside, options);
  });
}

function drawBlock(paragraph, review, block, findings, options) {
  const text = review.document.text;
  const parts = [];
  let position = block.start;
  for (const finding of findings) {
    // one that runs over several lines is drawn in each, its repair in the last
    const start = Math.max(finding.start, block.start);
    const end = Math.min(finding.end, block.end);
    parts.push(text.slice(position, start), mark(finding, text.slice(start, end), finding.end <= block.end, review, options));
    position = end;
  }
  parts.push(text.slice(position, block.end));
  paragraph.replaceChildren(...parts.filter((part) => part !== ''));
  paragraph.classList.toggle('waiting', !block.looked);
}

function mark(finding, text, last, review, { current, matches }) {
  const state = review.stateOf(finding);
  const made = element('span', { tabIndex: finding.id === current ? 0 : -1 });
  made.className = ['mark', finding.kind, state, finding.looking ? 'looking' : '', matches(finding) ? '' : 'filtered',
    finding.id === current ? 'current' : '', text ? '' : 'gap'].filter(Boolean).join(' ');
  made.dataset.id = finding.id;
  made.setAttribute('role', 'button');
  if (finding.id === current) made.setAttribute('aria-current', 'true');
  if (state === 'accepted') {
    if (text) made.append(element('del', {}, text));
    if (last && finding.decision.text) made.append(element('ins', {}, finding.decision.text));
  } else {
    made.append(text || '‸');
  }
  const what = finding.kind === 'flag' ? 'flag' : `repair: ${shown(finding.options[0].replacement)}`;
  made.setAttribute('aria-label', `${shown(finding.original)}, ${LABELS[finding.category]}, ${what}, ${state}`);
  return made;
}

/** The offset of the text at which a point of the page lies; null for one beside the document. */
export function offsetAt(review, node, offset) {
  const paragraph = (node.closest ? node : node.parentElement)?.closest('[data-block]');
  if (!paragraph) return null;
  const before = document.createRange();
  before.setStart(paragraph, 0);
  before.setEnd(node, offset);
  const copy = element('div', {}, before.cloneContents());
  copy.querySelectorAll('ins, .gap').forEach((part) => part.remove()); // no part of the text
  return review.blocks[paragraph.dataset.block].start + copy.textContent.length;
}

/** The panel about one finding. `act` takes what the user wants. */
export function drawCard(card, review, finding, act) {
  if (!finding) {
    card.replaceChildren(element('p', { className: 'soft' }, card.dataset.empty ?? ''));
    return;
  }
  const state = review.stateOf(finding);
  const sure = finding.marked && finding.kind === 'flag' ? 'marked by you' : finding.kind === 'flag' ? `${percent(finding.confidence)} sure that it is wrong`
    : `${percent(finding.confidence)} sure of the repair`;
  const parts = [
    element('h2', {}, LABELS[finding.category]),
    element('p', { className: 'quote' }, finding.message || `“${finding.original || '‸'}”`),
    element('p', { className: 'soft' }, [sure, stateText(finding, state)].filter(Boolean).join(' · ')),
  ];
  if (finding.options.length) parts.push(optionList(finding, act));
  else parts.push(element('p', {}, finding.looking ? 'Looking for a repair…' : 'No repair was found.'));
  parts.push(ownRepair(finding, act), actions(finding, state, act));
  card.replaceChildren(...parts);
}

function stateText(finding, state) {
  return state === 'accepted' ? `accepted: ${shown(finding.decision.text)}` : state === 'rejected' ? 'kept as it is' : '';
}

function optionList(finding, act) {
  return element('ol', {}, ...finding.options.map((option, index) => {
    const button = element('button', { type: 'button' });
    const chosen = finding.decision?.state === 'accepted' && finding.decision.text === option.replacement;
    button.className = chosen ? 'chosen' : '';
    button.append(
      element('kbd', {}, String(index + 1)), element('span', { className: 'text' }, shown(option.replacement)),
      element('span', { className: 'soft' }, percent(option.confidence)),
    );
    button.addEventListener('click', () => act('accept', finding, option.replacement));
    return element('li', {}, button);
  }));
}

function ownRepair(finding, act) {
  const input = element('input', {
    name: 'own', autocomplete: 'off', value: finding.decision?.text ?? finding.original,
  });
  input.setAttribute('aria-label', 'Your own repair');
  const form = element('form', { id: 'own' }, input, element('button', { type: 'submit' }, 'Use'));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    act('accept', finding, input.value);
  });
  return form;
}

function actions(finding, state, act) {
  const row = element('div', { className: 'row' });
  const button = (text, key, what, properties = {}) => {
    const made = element('button', { type: 'button', ...properties }, text, ' ', element('kbd', {}, key));
    made.addEventListener('click', () => act(what, finding, finding.options[0]?.replacement));
    row.append(made);
  };
  if (finding.options.length) button('Accept', 'A', 'accept', { className: 'main' });
  button(finding.kind === 'flag' ? 'Dismiss' : 'Reject', 'R', 'reject');
  if (state !== 'open') button('Reopen', 'O', 'reopen');
  else if (!finding.marked) button('More', 'S', 'suggest', { title: 'Look for more repairs' });
  button('Next', 'J', 'next');
  return row;
}
