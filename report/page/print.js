// On paper nothing can be opened: details are, while the page is printed.

let openedForPrint = [];

function openForPrint() {
  openedForPrint = openedForPrint.concat([...document.querySelectorAll("details:not([open])")]);
  for (const details of openedForPrint) details.open = true;
}

function closeAgain() {
  for (const details of openedForPrint) details.open = false;
  openedForPrint = [];
}

matchMedia("print").addEventListener("change", (change) => {
  if (change.matches) openForPrint();
  else closeAgain();
});
addEventListener("beforeprint", openForPrint);
addEventListener("afterprint", closeAgain);
