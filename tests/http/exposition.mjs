// Reads the Prometheus text format, version 0.0.4, as strictly as it is written down: what is not in it is refused with
// its line. https://prometheus.io/docs/instrumenting/exposition_formats/
import assert from 'node:assert/strict';

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*', LABEL = '[a-zA-Z_][a-zA-Z0-9_]*', TEXT = '"(?:[^"\\\\\\n]|\\\\["\\\\n])*"';
const header = new RegExp(`^# (HELP|TYPE) (${NAME}) (.+)$`);
const line = new RegExp(`^(${NAME})(\\{${LABEL}=${TEXT}(?:,${LABEL}=${TEXT})*\\})? (\\S+)$`);
const pairs = new RegExp(`(${LABEL})=(${TEXT})`, 'g');
const number = /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]Inf|NaN)$/;
const valueOf = (text) => (text.endsWith('Inf') ? Infinity * (text[0] === '-' ? -1 : 1) : Number(text));

// The buckets of one histogram and one set of labels: they grow, by their bounds and by what they hold.
function holdHistogram(name, series) {
  for (const [labels, { buckets, sum, count }] of series) {
    const about = `${name}{${labels}}`, bounds = buckets.map(([bound]) => bound), held = buckets.map(([, n]) => n);
    assert.deepEqual(bounds, [...new Set(bounds)].sort((a, b) => a - b), `${about}: expected bounds that grow`);
    assert.deepEqual(held, [...held].sort((a, b) => a - b), `${about}: expected buckets that hold the ones before`);
    assert.equal(bounds.at(-1), Infinity, `${about}: expected a last bucket for all`);
    assert.ok(count === held.at(-1) && sum >= 0, `${about}: expected the count to be that of the last bucket`);
  }
}

// { families: name -> { type, help }, values: series -> number }
export function parse(text) {
  const families = new Map(), values = new Map(), histograms = new Map();
  let now; // the family whose lines these are
  assert.ok(text.endsWith('\n'), 'expected the last line to end');
  for (const [i, said] of text.slice(0, -1).split('\n').entries()) {
    const about = `line ${i + 1}: ${said}`, head = header.exec(said);
    if (head) {
      const [, what, name, rest] = head;
      if (what === 'HELP') {
        assert.ok(!families.has(name), `${about}: the family was there before`);
        families.set(name, now = { name, help: rest });
      } else {
        assert.ok(now?.name === name && !now.type && /^(counter|gauge|histogram)$/.test(rest), about);
        now.type = rest;
        if (rest === 'histogram') histograms.set(name, new Map());
      }
      continue;
    }
    const found = line.exec(said);
    assert.ok(found && number.test(found[3]) && now?.type, about);
    const [, name, labels = '', digits] = found, value = valueOf(digits), series = name + labels;
    assert.ok(!values.has(series), `${about}: it was told before`);
    values.set(series, value);
    const own = [...labels.matchAll(pairs)].map(([, label, quoted]) => [label, quoted]);
    assert.equal(new Set(own.map(([label]) => label)).size, own.length, `${about}: a label is there twice`);
    if (now.type === 'counter') assert.ok(value >= 0, about);
    if (now.type !== 'histogram') {
      assert.ok(name === now.name && !own.some(([label]) => label === 'le'), about);
      continue;
    }
    const of = histograms.get(now.name), key = own.filter(([label]) => label !== 'le').join(), part = name.slice(now.name.length);
    assert.ok(name.startsWith(now.name) && /^_(bucket|sum|count)$/.test(part), about);
    const bound = own.find(([label]) => label === 'le');
    assert.equal(bound !== undefined, part === '_bucket', about);
    if (!of.has(key)) of.set(key, { buckets: [] });
    if (bound) of.get(key).buckets.push([valueOf(bound[1].slice(1, -1)), value]);
    else of.get(key)[part.slice(1)] = value;
  }
  for (const [name, series] of histograms) holdHistogram(name, series);
  for (const { name, type } of families.values()) assert.ok(type, `${name} has no type`);
  return { families, values };
}
