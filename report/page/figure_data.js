// What figures show, as the program left it beside them.

function dataOf(element, name) {
  const block = element.querySelector(`:scope > script.${name}`);
  return block ? JSON.parse(block.textContent) : undefined;
}

function thousands(count) {
  return Math.round(count).toLocaleString("en-US");
}

// An element with properties and children, for what only a reader with scripts needs.
function made(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function madeSvg(tag, attributes = {}) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
