// One neuron at a time: its card, its scores, its line among all others.

const picker = document.querySelector(".picker");

function pickNeuron(neuron) {
  picker.querySelector("select").value = neuron;
  for (const block of document.querySelectorAll(".neuron")) {
    block.hidden = block.dataset.neuron !== neuron;
  }
  for (const line of document.querySelectorAll("g.line[data-neuron]")) {
    const chosen = line.dataset.neuron === neuron;
    line.classList.toggle("chosen", chosen);
    if (chosen) line.parentNode.append(line);  // above the others
  }
  for (const link of document.querySelectorAll("a[data-pick]")) {
    const row = link.closest("tr");
    row.classList.toggle("chosen", link.dataset.pick === neuron);
  }
}

function pickFromAddress() {
  const named = /^#neuron-(\d+)$/.exec(location.hash);
  if (!named || !document.getElementById(location.hash.slice(1))) return;
  pickNeuron(named[1]);
  document.getElementById(location.hash.slice(1)).scrollIntoView();
}

if (picker) {
  const select = picker.querySelector("select");
  picker.hidden = false;
  select.addEventListener("change", () => pickNeuron(select.value));
  for (const button of picker.querySelectorAll("button")) {
    button.addEventListener("click", () => {
      const count = select.options.length;
      const next = (select.selectedIndex + Number(button.dataset.step) + count) % count;
      pickNeuron(String(next));
    });
  }
  pickNeuron("0");
  addEventListener("hashchange", pickFromAddress);
  pickFromAddress();
}
