// The few things of the DOM that every view needs. Text goes in as text: nothing here, and nothing anywhere, takes markup.

export const byId = (id) => document.getElementById(id);

/// An element with a class, text and attributes; `onclick` and the like are listeners.
export function element(tag, { className, text, on = {}, ...attributes } = {}, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  for (const [name, listener] of Object.entries(on)) node.addEventListener(name, listener);
  node.append(...children);
  return node;
}

/// Writes only what differs: an unchanged row costs no layout.
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function setClass(node, className) {
  if (node.className !== className) node.className = className;
}

/// Makes the children of `parent` these nodes in this order, and moves as few as possible when few have moved.
export function arrange(parent, nodes) {
  const wanted = new Set(nodes);
  for (let child = parent.firstChild; child; ) {
    const next = child.nextSibling;
    if (!wanted.has(child)) child.remove();
    child = next;
  }
  let place = parent.firstChild;
  for (const node of nodes) {
    if (node === place) place = place.nextSibling;
    else parent.insertBefore(node, place);
  }
}

/// Lets the browser draw and take input before more work is done.
export const nextTask = () => new Promise((resolve) => setTimeout(resolve, 0));
