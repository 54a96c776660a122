'use strict';

// Shows an OpenAPI 3 document. Whatever comes from it goes into text nodes, never into markup.

const methods = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'];
const maxDepth = 8; // Of a schema shown, since schemas may contain themselves.
let api;

function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in node && name !== 'form') node[name] = value; else node.setAttribute(name, value);
  }
  node.append(...children.flat().filter(child => child !== null && child !== undefined && child !== ''));
  return node;
}

function resolve(node) {
  for (let hops = 0; node?.$ref && hops < maxDepth; hops++) {
    node = node.$ref.replace(/^#\//, '').split('/')
      .map(part => decodeURIComponent(part).replace(/~1/g, '/').replace(/~0/g, '~'))
      .reduce((at, part) => at?.[part], api);
  }
  return node ?? {};
}

const nameOf = schema => schema?.$ref?.split('/').pop();
const show = value => JSON.stringify(value, null, 2);

// ---- Schemas ----

function alternatives(schema) {
  // That a value may be null is said by its type; it is no shape of its own.
  return [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])].filter(part => merged(part).type !== 'null');
}

function merged(schema) {
  const own = resolve(schema);
  if (!own.allOf) return own;
  return own.allOf.map(merged).reduce((sum, part) => ({
    ...sum, ...part,
    properties: { ...sum.properties, ...part.properties },
    required: [...(sum.required ?? []), ...(part.required ?? [])],
  }), { ...own, allOf: undefined });
}

function typeOf(schema) {
  const own = merged(schema);
  const others = [...(own.oneOf ?? []), ...(own.anyOf ?? [])].map(typeOf);
  const types = others.length ? others : [own.type ?? (own.properties ? 'object' : 'any')].flat();
  const text = types.map(type => type === 'array' ? `${typeOf(own.items ?? {})}[]` : type).join(' | ');
  return own.format ? `${text} (${own.format})` : text;
}

function limits(schema) {
  const rules = [
    ['minLength', 'at least', 'characters'], ['maxLength', 'at most', 'characters'],
    ['minimum', '≥'], ['maximum', '≤'], ['exclusiveMinimum', '>'], ['exclusiveMaximum', '<'],
    ['minItems', 'at least', 'items'], ['maxItems', 'at most', 'items'], ['default', 'default'],
    // A number's pattern only repeats how numbers are written.
    ...([schema.type].flat().includes('integer') || [schema.type].flat().includes('number') ? [] : [['pattern', 'matches']]),
  ];
  const said = rules.filter(([key]) => schema[key] !== undefined)
    .map(([key, before, after]) => [before, typeof schema[key] === 'string' ? schema[key] : show(schema[key]), after].filter(Boolean).join(' '));
  if (schema.enum) said.push(`one of ${schema.enum.map(show).join(', ')}`);
  return said.join('; ');
}

function schemaView(schema, depth = 0) {
  if (depth >= maxDepth) return null;
  const own = merged(schema);
  const inner = own.items ? merged(own.items) : own;
  const parts = alternatives(inner);
  if (parts.length === 1) return schemaView(parts[0], depth);
  if (parts.length) return el('ul', { className: 'schema' }, parts.map(part => el('li', {}, nameOf(part) ?? typeOf(part), schemaView(part, depth + 1))));
  if (!inner.properties) return null;
  return el('ul', { className: 'schema' }, Object.entries(inner.properties).map(([name, property]) => {
    const detail = merged(property);
    return el('li', {},
      el('code', {}, name), ' ', el('span', { className: 'dim' }, typeOf(property)),
      inner.required?.includes(name) ? el('span', { className: 'required' }, ' required') : null,
      el('span', { className: 'dim' }, [detail.description, limits(detail)].filter(Boolean).map(text => ` — ${text}`).join('')),
      schemaView(property, depth + 1));
  }));
}

function example(schema, depth = 0) {
  const own = merged(schema);
  const given = own.example ?? own.examples?.[0] ?? own.default ?? own.enum?.[0];
  if (given !== undefined) return given;
  if (depth >= maxDepth) return null;
  const type = [own.type ?? []].flat().find(name => name !== 'null');
  if (own.properties || type === 'object') {
    return Object.fromEntries(Object.entries(own.properties ?? {}).map(([name, property]) => [name, example(property, depth + 1)]));
  }
  const [first] = alternatives(own);
  if (first) return example(first, depth + 1);
  if (type === 'array') return [example(own.items ?? {}, depth + 1)];
  if (type === 'integer' || type === 'number') return own.minimum ?? 0;
  if (type === 'boolean') return false;
  if (own.format === 'date-time') return '2026-01-31T12:00:00Z';
  if (own.format === 'uuid') return '00000000-0000-0000-0000-000000000000';
  return type === 'string' ? 'string' : null;
}

// ---- Operations ----

function contentView(content) {
  return Object.entries(content ?? {}).map(([mediaType, media]) => {
    const named = Object.values(media.examples ?? {}).map(entry => resolve(entry).value);
    const shown = media.example ?? named[0] ?? (media.schema ? example(media.schema) : undefined);
    return el('div', {},
      el('p', {}, el('code', {}, mediaType), ' ', el('span', { className: 'dim' }, media.schema ? nameOf(media.schema) ?? typeOf(media.schema) : '')),
      media.schema ? schemaView(media.schema) : null,
      shown === undefined || shown === null ? null : el('pre', {}, typeof shown === 'string' ? shown : show(shown)));
  });
}

function parametersView(parameters) {
  if (!parameters.length) return null;
  return [el('h4', {}, 'Parameters'), el('table', {},
    el('thead', {}, el('tr', {}, ['Name', 'In', 'Type', 'Description'].map(text => el('th', {}, text)))),
    el('tbody', {}, parameters.map(parameter => el('tr', {},
      el('td', {}, el('code', {}, parameter.name), parameter.required ? el('span', { className: 'required' }, ' required') : null),
      el('td', {}, parameter.in),
      el('td', {}, typeOf(parameter.schema ?? {})),
      el('td', {}, [parameter.description, limits(merged(parameter.schema ?? {}))].filter(Boolean).join(' — '))))))];
}

function responsesView(responses) {
  return [el('h4', {}, 'Responses'), Object.entries(responses ?? {}).map(([status, answer]) => {
    const own = resolve(answer);
    const body = contentView(own.content);
    const head = [el('strong', {}, status), ' ', own.description ?? ''];
    return body.length ? el('details', {}, el('summary', {}, head), body) : el('p', {}, head);
  })];
}

function keyHeaders() {
  const key = document.getElementById('key').value;
  if (!key) return {};
  const schemes = Object.values(api.components?.securitySchemes ?? {}).map(resolve);
  const scheme = schemes.find(one => one.type === 'apiKey' && one.in === 'header');
  if (scheme) return { [scheme.name]: key };
  return schemes.some(one => one.type === 'http' && one.scheme?.toLowerCase() === 'bearer')
    ? { Authorization: `Bearer ${key}` } : { 'X-Api-Key': key };
}

function tryView(path, method, parameters, body) {
  const [mediaType, media] = Object.entries(body?.content ?? {})[0] ?? [];
  const named = Object.values(media?.examples ?? {}).map(entry => resolve(entry).value);
  const fields = parameters.filter(parameter => parameter.in !== 'cookie').map(parameter => ({
    parameter,
    input: el('input', { required: Boolean(parameter.required), value: parameter.example ?? merged(parameter.schema ?? {}).default ?? '' }),
  }));
  const text = media ? el('textarea', { spellcheck: false, value: show(media.example ?? named[0] ?? example(media.schema ?? {})) }) : null;
  const output = el('div', { role: 'status' });
  const form = el('form', {},
    fields.map(({ parameter, input }) => el('label', {}, `${parameter.name} (${parameter.in})`, input)),
    text ? el('label', {}, `Body (${mediaType})`, text) : null,
    el('p', {}, el('button', {}, 'Send')), output);

  form.addEventListener('submit', async event => {
    event.preventDefault();
    const headers = keyHeaders();
    const query = new URLSearchParams();
    let address = path;
    for (const { parameter, input } of fields) {
      if (input.value === '') continue;
      if (parameter.in === 'path') address = address.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
      else if (parameter.in === 'query') query.append(parameter.name, input.value);
      else headers[parameter.name] = input.value;
    }
    if (text) headers['Content-Type'] = mediaType;
    // The page's own origin and no other: the key must not travel to a server that a document names.
    const url = address + (query.size ? `?${query}` : '');
    const started = performance.now();
    output.replaceChildren('Sending …');
    try {
      const response = await fetch(url, { method: method.toUpperCase(), headers, body: text?.value });
      const took = Math.round(performance.now() - started);
      const answer = await response.text();
      output.replaceChildren(
        el('p', {}, el('strong', {}, `${response.status} ${response.statusText}`), el('span', { className: 'dim' }, ` in ${took} ms — ${method.toUpperCase()} ${url}`)),
        el('pre', {}, [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n')),
        answer ? el('pre', {}, pretty(answer)) : '');
    } catch (error) {
      output.replaceChildren(el('p', { className: 'required' }, `Not sent: ${error.message}`));
    }
  });
  return el('details', {}, el('summary', {}, 'Try it'), form);
}

function pretty(text) {
  try { return show(JSON.parse(text)); } catch { return text; }
}

function operationView({ id, path, method, item, operation }) {
  const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map(resolve);
  const body = operation.requestBody ? resolve(operation.requestBody) : null;
  return el('article', { id },
    el('h3', {}, el('span', { className: `method ${method}` }, method.toUpperCase()), el('code', {}, path), operation.deprecated ? el('span', { className: 'required' }, 'deprecated') : null),
    operation.summary ? el('p', {}, el('strong', {}, operation.summary)) : null,
    operation.description ? el('p', { className: 'doc' }, operation.description) : null,
    parametersView(parameters),
    body ? [el('h4', {}, 'Request body'), body.description ? el('p', {}, body.description) : null, contentView(body.content)].flat() : null,
    responsesView(operation.responses).flat(),
    tryView(path, method, parameters, body));
}

// ---- Page ----

function operationsByTag() {
  const groups = new Map((api.tags ?? []).map(tag => [tag.name, { ...tag, operations: [] }]));
  for (const [path, entry] of Object.entries(api.paths ?? {})) {
    const item = resolve(entry);
    for (const method of methods.filter(name => item[name])) {
      const operation = item[method];
      const tag = operation.tags?.[0] ?? 'Operations';
      if (!groups.has(tag)) groups.set(tag, { name: tag, operations: [] });
      groups.get(tag).operations.push({ id: `${method}${path.replace(/[^a-z0-9]+/gi, '-')}`, path, method, item, operation });
    }
  }
  return [...groups.values()].filter(group => group.operations.length);
}

function render() {
  const groups = operationsByTag();
  document.getElementById('title').textContent = api.info?.title ?? document.title;
  document.getElementById('index').replaceChildren(...groups.flatMap(group => [
    el('h2', {}, group.name),
    ...group.operations.map(({ id, path, method, operation }) => el('a', { href: `#${id}`, title: path },
      el('span', { className: `method ${method}` }, method.toUpperCase()), el('span', {}, operation.summary ?? path))),
  ]));
  document.getElementById('main').replaceChildren(
    el('p', { className: 'dim' }, `Version ${api.info?.version ?? '—'} · `, el('a', { href: document.body.dataset.document }, 'OpenAPI document')),
    el('p', { className: 'doc' }, api.info?.description ?? ''),
    ...groups.map(group => el('section', {}, el('h2', {}, group.name), group.description ? el('p', { className: 'doc' }, group.description) : null, group.operations.map(operationView))));
  if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
}

function filter(text) {
  const wanted = text.trim().toLowerCase();
  for (const link of document.querySelectorAll('#index a')) {
    link.hidden = !`${link.title} ${link.textContent}`.toLowerCase().includes(wanted);
    link.style.display = link.hidden ? 'none' : '';
  }
}

document.getElementById('filter').addEventListener('input', event => filter(event.target.value));
fetch(document.body.dataset.document)
  .then(response => response.ok ? response.json() : Promise.reject(new Error(`${response.status} ${response.statusText}`)))
  .then(loaded => { api = loaded; render(); })
  .catch(error => document.getElementById('main').replaceChildren(
    el('p', { role: 'alert' }, `The OpenAPI document at ${document.body.dataset.document} could not be read: ${error.message}`)));
