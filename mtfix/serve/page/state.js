// A document under review: what was found in it and what was decided. No drawing, no network.
//
// Offsets of the server count Unicode code points, those in here UTF-16 code units, as JavaScript's strings do.

/** Converts offsets of one text between code points and code units. */
export class Offsets {
  constructor(text) {
    this.wide = []; // where characters of two code units are, in code points
    let points = 0;
    for (const character of text) {
      if (character.length === 2) this.wide.push(points);
      points += 1;
    }
  }

  #before(offset, extra) {
    let low = 0;
    let high = this.wide.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.wide[middle] + extra * middle < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  units(points) { return points + this.#before(points, 0); }

  points(units) { return units - this.#before(units, 1); }
}

const touches = (a, b) => (a.start === a.end || b.start === b.end
  ? a.start <= b.end && b.start <= a.end
  : Math.max(a.start, b.start) < Math.min(a.end, b.end));

const byPlace = (a, b) => a.start - b.start || a.end - b.end;

/** The findings of an answer of the server: its edits, and the flags that no edit answers. */
export function findingsOf(answer, offsets) {
  const placed = (item) => ({ start: offsets.units(item.start), end: offsets.units(item.end) });
  const flags = answer.flags.map((flag) => ({ ...flag, ...placed(flag) }));
  const edits = (answer.edits ?? []).map((edit) => {
    const span = placed(edit);
    const reasons = flags.filter((flag) => touches(flag, span)).sort((a, b) => b.score - a.score);
    return {
      ...span, kind: 'edit', original: edit.original, category: edit.category, confidence: edit.confidence,
      sure: edit.applied, message: reasons[0]?.message ?? '',
      options: [{ replacement: edit.replacement, confidence: edit.confidence }, ...edit.alternatives],
    };
  });
  const open = flags.filter((flag) => !edits.some((edit) => touches(flag, edit))).map((flag) => ({
    start: flag.start, end: flag.end, kind: 'flag', original: null, category: flag.category, confidence: flag.score,
    sure: false, message: flag.message, options: [],
  }));
  const found = [...edits, ...open].sort(byPlace);
  return found.filter((one, index) => index === 0 || found[index - 1].end <= one.start);
}

export class Review {
  constructor(document) {
    this.document = document; // name, text, untouchable, formats, data
    this.offsets = new Offsets(document.text);
    this.findings = []; // sorted, disjoint; `decision` is null or {state, text}
    this.past = [];
    this.future = [];
    this.blocks = [];
    let start = 0;
    for (const line of document.text.split('\n')) {
      this.blocks.push({ start, end: start + line.length, looked: !line.trim() });
      start += line.length + 1;
    }
  }

  /** Puts in what was found between two offsets, in place of what was there and is not decided yet. */
  put(start, end, answer, { looking }) {
    const text = this.document.text;
    const kept = this.findings.filter((one) => one.decision || one.marked || one.end < start || one.start > end);
    const added = findingsOf(answer, this.offsets)
      .filter((one) => one.start >= start && one.end <= end && !kept.some((other) => touches(one, other)))
      .map((one) => ({
        ...one, id: `${one.start}-${one.end}`, original: text.slice(one.start, one.end), decision: null, looking,
      }));
    this.findings = [...kept, ...added].sort(byPlace);
  }

  /** Puts in what is suggested for a place that the reader marks, in place of what is there; its id.
   *
   * `edits` may reach beyond the place, as an article does. null when something there is decided already.
   */
  mark(start, end, edits) {
    const text = this.document.text;
    const decided = this.findings.filter((one) => one.decision);
    if (decided.some((one) => touches(one, { start, end }))) return null;
    const placed = edits.map((edit) => ({ ...edit, start: this.offsets.units(edit.start), end: this.offsets.units(edit.end) }))
      .filter((edit) => !decided.some((one) => touches(one, edit)));
    const from = Math.min(start, ...placed.map((edit) => edit.start));
    const to = Math.max(end, ...placed.map((edit) => edit.end));
    const options = placed.map((edit) => ({
      replacement: text.slice(from, edit.start) + edit.replacement + text.slice(edit.end, to), confidence: edit.confidence,
    }));
    const finding = {
      start: from, end: to, id: `${from}-${to}`, kind: options.length ? 'edit' : 'flag', original: text.slice(from, to),
      category: placed[0]?.category ?? 'other', confidence: options[0]?.confidence ?? 1, sure: false,
      message: `“${text.slice(from, to)}” was marked by the reader.`,
      options, decision: null, looking: false, marked: true,
    };
    this.findings = [...this.findings.filter((one) => !touches(one, finding)), finding]
      .sort(byPlace);
    return finding.id;
  }

  /** The blocks to ask about next: the first of `wanted` that is open (else of all) and what follows, to a size.
   *
   * A sentence may run over several lines; blocks begin and end where a sentence can.
   */
  next(wanted, size) {
    const open = (index) => this.blocks[index] && !this.blocks[index].looked;
    let first = wanted.find(open) ?? this.blocks.findIndex((block) => !block.looked);
    if (first < 0) return [];
    while (open(first - 1) && !this.#ends(first - 1)) first -= 1;
    const taken = [];
    let length = 0;
    for (let index = first; open(index) || this.#blank(index); index += 1) {
      if (length >= size && this.#ends(index - 1)) break;
      taken.push(this.blocks[index]);
      length += this.blocks[index].end - this.blocks[index].start;
    }
    return taken;
  }

  #line(index) { return this.document.text.slice(this.blocks[index].start, this.blocks[index].end); }

  #blank(index) { return index < this.blocks.length && !this.#line(index).trim(); }

  #ends(index) { return this.#blank(index) || this.#blank(index + 1) || /[.!?…:]["'”’)\]]*\s*$/.test(this.#line(index)); }

  get(id) { return this.findings.find((one) => one.id === id); }

  stateOf(finding) { return finding.decision?.state ?? 'open'; }

  /** `decisions` maps ids to {state: 'accepted', text} or {state: 'rejected'} or null; all are one step for undo. */
  decide(decisions) {
    const before = {};
    for (const id of Object.keys(decisions)) before[id] = this.get(id).decision;
    this.past.push({ before, after: decisions });
    this.future = [];
    this.#apply(decisions);
  }

  #apply(decisions) {
    for (const [id, decision] of Object.entries(decisions)) {
      const finding = this.get(id); // another may have taken its place, once it was open again
      if (finding) finding.decision = decision;
    }
  }

  /** Takes the last step back and gives the ids it was about; null when there is none. */
  undo() {
    const step = this.past.pop();
    if (!step) return null;
    this.future.push(step);
    this.#apply(step.before);
    return Object.keys(step.before);
  }

  redo() {
    const step = this.future.pop();
    if (!step) return null;
    this.past.push(step);
    this.#apply(step.after);
    return Object.keys(step.after);
  }

  /** What the server needs to write the document: accepted edits and open flags, in code points. */
  outcome() {
    const placed = (one) => ({ start: this.offsets.points(one.start), end: this.offsets.points(one.end) });
    const edits = this.findings.filter((one) => this.stateOf(one) === 'accepted').map((one) => ({
      ...placed(one), original: one.original, replacement: one.decision.text, category: one.category,
      confidence: one.confidence, message: one.message,
      alternatives: one.options.filter((option) => option.replacement !== one.decision.text),
    }));
    const flags = this.findings.filter((one) => this.stateOf(one) === 'open').map((one) => ({
      ...placed(one), category: one.category, score: one.confidence, message: one.message,
    }));
    return { edits, flags };
  }
}
