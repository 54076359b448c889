// Lists and what leads to them: tags are states, downloads have the filters of the page, failures are said for people.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { built, source, start } from './ouse.mjs';
import { html, linksOf, plain, textOf } from './walk.mjs';

const sampleFolder = fileURLToPath(new URL('../../conf/sample', import.meta.url));
const mainOf = (text) => /<main[^>]*>([^]*)<\/main>/.exec(text)?.[1] ?? assert.fail(text);

describe('list pages', built, () => {
  let register;
  const page = async (path, status = 200) => {
    const response = await fetch(register.origin + path, { headers: html }), text = await response.text();
    assert.equal(response.status, status, `${path}: ${text}`);
    return mainOf(text);
  };

  before(async () => {
    register = await start(.../^plugins = \{(.*)\}$/m.exec(await source('conf/ouse.conf'))[1].split(', '));
    await promisify(execFile)(process.env.OUSE_BIN, ['import', '-c', register.config, sampleFolder]);
  });
  after(() => register?.stop());

  const seen = async () => {
    const { collections } = await register.get('-/schema');
    const lists = await Promise.all(collections.map(async ({ name }) => [name, await fetch(`${register.origin}/${name}?limit=100`, { headers: html })]));
    return Promise.all(lists.filter(([, { status }]) => status === 200).map(async ([name, response]) => [collections.find((one) => one.name === name), await response.text()]));
  };

  test('a tag is a state, in its own words; kinds, currencies and modes are plain text', async () => {
    let tags = 0;
    for (const [{ name, fields, flows = [] }, text] of await seen()) {
      const states = fields.filter((field) => flows.some(({ field: moved }) => moved === field.name) || /^(state|status)$/.test(field.name)).flatMap(({ choices }) => choices ?? []);
      for (const [, tag, word] of text.matchAll(/<span class="tag tag-(\w+)">([^<]*)<\/span>/g)) {
        tags++;
        assert.ok(states.includes(tag), `${name}: ${tag} is no state`);
        assert.equal(word.toLowerCase(), tag.replaceAll('_', ' '), name);
      }
    }
    assert.ok(tags > 20, `expected tags, got ${tags}`);
    const organisation = await page('/organisations/nhs-england');
    assert.match(textOf(organisation), /Kind NHS England/);
    assert.doesNotMatch(organisation, /tag-nhs_england/);
    assert.doesNotMatch(textOf(await page('/organisations?limit=100')), /NHS england/);
  });

  test('a word has one colour', async () => {
    const css = await source('web/dist/site.css'), words = [...css.matchAll(/\.tag-(\w+)/g)].map(([, word]) => word);
    assert.deepEqual(words, [...new Set(words)]);
    for (const word of ['established', 'launched', 'at_risk', 'broken']) assert.ok(words.includes(word), word);
  });

  test('data is in the order of titles, and its example can be run as it is', async () => {
    const text = await page('/data'), titles = [...text.matchAll(/<tr><th scope="row"><a [^>]*>([^<]*)</g)].map(([, title]) => title);
    assert.ok(titles.length > 30);
    assert.deepEqual(titles, [...titles].sort((a, b) => a.localeCompare(b, 'en-GB')));
    const [, command] = /<code>(curl [^<]*)<\/code>/.exec(text), [, address] = /'([^']*)'/.exec(plain(command));
    assert.equal(address, `${register.origin}/api/v1/projects.csv?sort=title`);
    assert.equal((await fetch(address)).status, 200);
    const summaries = [...text.matchAll(/<dt>([^<]*)<\/dt>/g)].map(([, summary]) => summary);
    assert.deepEqual(summaries, [...summaries].sort());
  });

  test('failures are said for people, with a way on', async () => {
    const missing = await page('/projects/nobody-knows', 404);
    assert.match(textOf(missing), /The register has no project at this address\./);
    assert.doesNotMatch(textOf(missing), /projects\/nobody-knows/);
    assert.ok(linksOf(missing).includes('/projects'));
    const wrong = await page('/projects?colour=red', 400);
    assert.match(textOf(wrong), /a filter, an order or a value that this page does not take/);
    assert.ok(linksOf(wrong).includes('/projects'));
    const [before, details] = wrong.split('<details>');
    assert.doesNotMatch(before, /the known ones are|limit|cursor/);
    assert.match(details, /There is no parameter &quot;colour&quot;|There is no parameter "colour"/);
  });

  test('a list is downloaded as it is filtered, for readers first', async () => {
    const first = async (path) => {
      const text = await page(path), [, list] = /<section class="formats"[^>]*>([^]*?)<\/section>/.exec(text);
      assert.match(textOf(list), /^ Download Spreadsheet \(CSV\)/);
      const response = await fetch(register.origin + linksOf(list)[0]), body = await response.text();
      assert.equal(response.status, 200, linksOf(list)[0]);
      return body.trimEnd().split('\r\n').slice(1);
    };
    assert.equal((await first('/projects')).length, 5);
    assert.equal((await first('/projects?leads=david-hewson')).length, 1);
    const { data } = await register.get('awards?for=hubs/blmk-research-innovation-hub');
    assert.equal((await first('/awards?for=hubs/blmk-research-innovation-hub')).length, data.length);
    assert.match((await first('/projects/ageing-well'))[0], /Ageing well/);
  });
});
