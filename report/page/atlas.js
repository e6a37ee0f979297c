// Searches and sorts the cards of models. Without it they stand side by side with those alike.
"use strict";

const list = document.querySelector(".models");
const cards = [...list.children];
const search = document.querySelector("#search");
const order = document.querySelector("#order");
const found = document.querySelector("#found");

// Cards without the number stand last, whichever way is sorted.
function compare(a, b, key, sign) {
  if (key === "name") return a.dataset.name.localeCompare(b.dataset.name, "en", { numeric: true });
  const missing = (a.dataset[key] === "") - (b.dataset[key] === "");
  return missing || sign * (Number(a.dataset[key]) - Number(b.dataset[key]));
}

function show() {
  const [key, direction] = order.value.split(" ");
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const sorted = [...cards].sort((a, b) => compare(a, b, key, direction === "down" ? -1 : 1));
  let shown = 0;
  for (const card of sorted) {
    const text = card.textContent.toLowerCase();
    card.hidden = !words.every((word) => text.includes(word));
    shown += card.hidden ? 0 : 1;
  }
  list.append(...sorted);
  found.textContent = `${shown} of ${cards.length} models`;
}

search.addEventListener("input", show);
order.addEventListener("change", show);
show();
