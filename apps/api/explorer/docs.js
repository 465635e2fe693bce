const MOST_RESULTS = 60;
const ROOTS = ['queryType', 'mutationType', 'subscriptionType'];

/** The schema as a page to click through. @param insert takes an operation that asks for a field */
export function drawDocs(place, search, schema, insert) {
  const types = new Map(schema.types.map((type) => [type.name, type]));
  const roots = ROOTS.flatMap((key) => (schema[key] ? [schema[key].name] : []));

  function home() {
    place.replaceChildren(...roots.flatMap((name) => sectionOf(types.get(name))));
  }

  function showType(name) {
    const back = element('button', '← All operations');
    back.onclick = home;
    place.replaceChildren(back, ...sectionOf(types.get(name)));
    place.scrollTop = 0;
  }

  function sectionOf(type) {
    const items = [...(type.fields ?? []), ...(type.inputFields ?? []), ...(type.enumValues ?? [])];
    const list = element('ul');
    list.append(...items.map((item) => itemOf(type, item)));
    return [element('h2', type.name), element('p', type.description ?? ''), list];
  }

  function itemOf(type, item) {
    const line = element('li');
    const args = (item.args ?? []).map((arg) => `${arg.name}: ${written(arg.type)}`).join(', ');
    if (roots.includes(type.name)) {
      const use = element('button', item.name);
      use.title = 'Write an operation that asks for it';
      use.onclick = () => insert(operationFor(types, roots, type.name, item));
      line.append(use);
    } else line.append(element('strong', item.name));
    if (args) line.append(`(${args})`);
    if (item.type) line.append(': ', typeLink(item.type));
    if (item.description) line.append(element('p', item.description));
    return line;
  }

  function typeLink(type) {
    const link = element('button', written(type));
    link.onclick = () => showType(named(type).name);
    return link;
  }

  search.oninput = () => {
    const wanted = search.value.trim().toLowerCase();
    if (wanted === '') return home();
    const found = [];
    for (const type of types.values()) {
      if (type.name.startsWith('__')) continue;
      if (type.name.toLowerCase().includes(wanted)) found.push([type.name, type.name]);
      for (const { name } of type.fields ?? []) {
        if (name.toLowerCase().includes(wanted)) found.push([`${type.name}.${name}`, type.name]);
      }
    }
    const list = element('ul');
    for (const [label, name] of found.slice(0, MOST_RESULTS)) {
      const link = element('button', label);
      link.onclick = () => showType(name);
      const line = element('li');
      line.append(link);
      list.append(line);
    }
    place.replaceChildren(
      list,
      element('p', found.length > MOST_RESULTS ? `and ${found.length - MOST_RESULTS} more` : ''),
    );
  };
  home();
}

/** An operation with the arguments that are needed and the values that are nearest. */
function operationFor(types, roots, root, field) {
  const kind = ['query', 'mutation', 'subscription'][roots.indexOf(root)];
  const needed = field.args.filter(({ type, defaultValue }) => type.kind === 'NON_NULL' && defaultValue === null);
  const declared = needed.map(({ name, type }) => `$${name}: ${written(type)}`).join(', ');
  const passed = needed.map(({ name }) => `${name}: $${name}`).join(', ');
  const body = selectionOf(types, field.type, '  ', 2);
  return `${kind}${declared && ` (${declared})`} {\n  ${field.name}${passed && `(${passed})`}${body}\n}\n`;
}

function selectionOf(types, type, indent, levels) {
  const { fields } = types.get(named(type).name);
  if (!fields) return '';
  const deeper = `${indent}  `;
  const isLeaf = (field) => !types.get(named(field.type).name).fields;
  const needsNothing = ({ args }) => args.every((arg) => arg.type.kind !== 'NON_NULL' || arg.defaultValue !== null);
  const lines = fields.filter((field) => isLeaf(field) && needsNothing(field)).map(({ name }) => name);
  const nodes = fields.find(({ name }) => name === 'nodes');
  if (nodes && levels > 0) lines.push(`nodes${selectionOf(types, nodes.type, deeper, levels - 1)}`);
  if (lines.length === 0) lines.push('__typename');
  return ` {\n${lines.map((line) => deeper + line).join('\n')}\n${indent}}`;
}

function named(type) {
  return type.ofType ? named(type.ofType) : type;
}

function written(type) {
  if (type.kind === 'NON_NULL') return `${written(type.ofType)}!`;
  return type.kind === 'LIST' ? `[${written(type.ofType)}]` : type.name;
}

/** Text goes in as text: descriptions and names are nobody's markup. */
function element(name, text = '') {
  const made = document.createElement(name);
  made.textContent = text;
  if (name === 'button') made.type = 'button';
  return made;
}
