// Filters over several references, and back over those that refer: pillar.hub.host, partners.organisation.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { built, start } from './ouse.mjs';

const organisations = ['uni', 'trust', 'other'].map((id) => ({ id, name: `The ${id}`, kind: 'other' }));
const hubs = [{ id: 'north', name: 'North', kind: 'research_hub', host: 'uni' }, { id: 'south', name: 'South', kind: 'research_hub', host: 'trust' }, { id: 'bare', name: 'Bare', kind: 'research_hub' }];
const partners = [['north', 'trust', 'partner'], ['south', 'other', 'lead'], ['north', 'other', 'partner']].map(([hub, organisation, role]) => ({ id: `${hub}-${organisation}`, hub, organisation, role }));
const pillars = hubs.map(({ id }) => ({ id: `of-${id}`, hub: id, number: 1, name: `Of ${id}` }));
const projects = [['a', 'of-north'], ['b', 'of-north'], ['c', 'of-south'], ['d', 'of-bare'], ['e']].map(([id, pillar]) => ({ id, title: id.toUpperCase(), pillar }));

describe('filters over several steps', built, () => {
  let register;
  before(async () => {
    register = await start('directory', 'hubs', 'funding', 'programmes', 'search');
    for (const [collection, records] of Object.entries({ organisations, hubs, partners, pillars, projects })) await register.import(collection, records);
    await register.create('partners', { id: 'secret', hub: 'bare', organisation: 'uni', role: 'partner', meta: { visibility: 'office' } });
  });
  after(() => register?.stop());

  const found = async (path, as) => (await register.get(path, as)).data.map(({ id }) => id).join('');
  const right = [
    ['pillar.hub=north', 'ab'], ['pillar.hub.host=uni', 'ab'], ['pillar.hub.host=trust', 'c'], ['pillar.hub.host=other', ''],
    ['pillar.hub.host[in]=uni,trust', 'abc'], ['pillar.hub.host[exists]=false', 'd'], ['pillar.hub.host[ne]=uni', 'c'],
    ['pillar.hub.host.name=The uni', 'ab'], ['pillar.hub.partners.organisation=trust', 'ab'],
    ['pillar.hub.partners.organisation=other', 'abc'], ['pillar.hub.partners.role=lead', 'c'],
    ['pillar.hub.partners.organisation=uni', ''], ['pillar.hub.partners.organisation=other&title=C', 'c'],
    ['pillar.hub.partners.organisation=other&pillar.hub.host=uni', 'ab']];
  for (const [filter, ids] of right)
    test(`projects?${filter}`, async () => assert.equal(await found(`projects?${filter}`), ids));

  test('what the caller may not see does not lead anywhere', async () => {
    assert.equal(await found('projects?pillar.hub.partners.organisation=uni', 'office'), 'd');
    assert.equal(await found('hubs?partners.organisation=uni', 'office'), 'bare');
    assert.equal(await found('hubs?partners.organisation=uni'), '');
  });

  test('counts, exports and the past take them', async () => {
    assert.equal((await register.get('projects?pillar.hub.partners.organisation=other&count=exact&limit=1')).page.count, 3);
    assert.equal((await register.say('GET', 'projects?pillar.hub.host=uni&as_of=2020-01-01')).status, 400, 'there was no such organisation');
    const response = await fetch(`${register.origin}/api/v1/projects.csv?for=people&pillar.hub.partners.organisation=trust`);
    assert.deepEqual((await response.text()).split('\r\n').slice(1, -1).map((row) => row.split(',')[1]), ['A', 'B']);
  });

  const wrong = [
    ['projects?pillar.hub.host.part_of.part_of.kind=other', 'unknown_parameter', /at most 4 steps/],
    ['projects?pillar.hub.hosts=uni', 'unknown_parameter', /hosts/], ['projects?pillar.nope.host=uni', 'unknown_parameter', /nope/],
    ['projects?nope.host=uni', 'unknown_parameter', /nope/], ['projects?pillar.hub.host=nobody', 'not_found', /no organisations\/nobody/],
    ['projects?pillar.hub.partners.organisation=nobody', 'not_found', /no organisations\/nobody/],
    ['organisations?awards.kind=grant', 'unknown_parameter', /awards/]];
  for (const [path, code, said] of wrong)
    test(`rejects ${path}`, async () => {
      const { body } = await register.expect(400, 'GET', path);
      assert.match(`${body.detail} ${body.errors?.map(({ detail }) => detail)}`, said);
      assert.equal(body.errors?.[0].code, code, JSON.stringify(body));
    });
});
