#include "report/style.h"

namespace secateur {

// Colours of the stages are told apart by people with any colour vision, and each has its own
// marker besides.
const char* const kReportStyle = R"css(
:root {
  color-scheme: light dark;
  --ground: #fcfcfa; --panel: #ffffff; --text: #22252a; --soft: #646a73; --line: #dcdcd6;
  --teacher: #6b7280; --student: #c46a00; --compact: #0b6fb8; --published: #a23b8f;
  --good: #1c7c4a; --bad: #b3372f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #16181c; --panel: #1d2025; --text: #e4e5e7; --soft: #9da3ad; --line: #363a42;
    --teacher: #a3a9b5; --student: #f0a04b; --compact: #5db4f2; --published: #e08bd0;
    --good: #5cc98f; --bad: #f08a80;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 66rem; background: var(--ground);
  color: var(--text); font: 16px/1.55 system-ui, "Segoe UI", "Helvetica Neue", Arial,
  "DejaVu Sans", sans-serif;
}
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .6rem; text-wrap: balance; }
h2 { font-size: 1.2rem; margin: 0 0 .4rem; }
h3 { font-size: 1rem; margin: 0 0 .3rem; }
p { margin: .3rem 0 .9rem; max-width: 46rem; }
.lead { font-size: 1.12rem; }
.warning { border-left: .3rem solid var(--student); padding-left: .7rem; }
.soft, figcaption, .note { color: var(--soft); font-size: .9rem; }
section { margin-top: 2.6rem; }
figure { margin: 0; min-width: 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .75rem; }
.tile, .card, details {
  background: var(--panel); border: 1px solid var(--line); border-radius: .5rem;
  padding: .75rem 1rem;
}
.tile b { display: block; font-size: 1.5rem; line-height: 1.25;
  font-variant-numeric: tabular-nums; }
.tile span { color: var(--soft); font-size: .85rem; line-height: 1.35; display: block; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 18rem), 1fr));
  gap: .75rem; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr));
  gap: 1.5rem 2rem; }
.scroll { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .92rem; }
th, td { padding: .32rem .5rem; text-align: right; border-bottom: 1px solid var(--line);
  white-space: nowrap; }
th { font-weight: 600; color: var(--soft); vertical-align: bottom; }
th:first-child, td:first-child, .left { text-align: left; }
th:first-child, td:first-child { padding-left: 0; }
td small { color: var(--soft); display: block; line-height: 1.2; }
tr.chosen td { font-weight: 600; }
tr.chosen td small { font-weight: 400; }
svg { display: block; width: 100%; overflow: visible; }
svg text { fill: var(--soft); font-size: 11px; font-family: inherit; }
.grid { stroke: var(--line); stroke-width: 1; fill: none; }
.axis { stroke: var(--soft); stroke-width: 1; fill: none; }
.teacher { stroke: var(--teacher); fill: none; stroke-width: 2; }
.student { stroke: var(--student); fill: none; stroke-width: 2; }
.compact { stroke: var(--compact); fill: var(--compact); stroke-width: 2; }
.published { stroke: var(--published); fill: none; stroke-width: 2; }
.ceiling { stroke: var(--text); stroke-width: 2; fill: none; }
path.compact, path.student, path.thin { fill: none; stroke-linejoin: round; }
path.thin { opacity: .35; stroke-width: 1; }
.barground { fill: var(--line); }
.bar { fill: var(--compact); }
.row { display: grid; grid-template-columns: 9rem 1fr; gap: .6rem; align-items: center; }
.row > span { font-size: .9rem; line-height: 1.2; overflow-wrap: anywhere; }
.row.bars { grid-template-columns: 6rem 1fr 5.5rem; }
.row.bars > span:last-child { text-align: right; font-variant-numeric: tabular-nums; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; margin: .2rem 0 .6rem; padding: 0;
  list-style: none; color: var(--soft); font-size: .9rem; }
.legend svg { display: inline-block; width: 18px; height: 12px; vertical-align: -1px;
  margin-right: .35rem; }
.kernels { display: flex; flex-wrap: wrap; gap: 5px; }
.kernels img { width: 40px; height: 40px; image-rendering: pixelated; border-radius: 2px; }
.yes { color: var(--good); } .no { color: var(--bad); }
.sentence { border-left: 3px solid var(--compact); padding-left: .8rem; margin: .3rem 0 .7rem; }
details { margin: .5rem 0; }
summary { cursor: pointer; font-weight: 600; }
details[open] > summary { margin-bottom: .6rem; }
dt { font-weight: 600; margin-top: .7rem; }
dd { margin: 0; max-width: 46rem; }
pre { overflow-x: auto; font-size: .82rem; line-height: 1.45; margin: 0; }
@media (max-width: 34rem) {
  body { padding: 1.2rem .9rem 3rem; font-size: 15px; }
  h1 { font-size: 1.35rem; }
  .row { grid-template-columns: 6.2rem 1fr; }
  .row.bars { grid-template-columns: 4rem 1fr 5.2rem; }
  th, td { padding: .3rem .5rem; }
  .tiles { grid-template-columns: 1fr 1fr; }
}
@media print {
  :root { --ground: #fff; --panel: #fff; --text: #000; --soft: #444; --line: #bbb;
          --teacher: #6b7280; --student: #c46a00; --compact: #0b6fb8; --published: #a23b8f; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  section, .card, figure, tr { break-inside: avoid; }
  section.long { break-inside: auto; }
  .scroll { overflow: visible; }
  svg, img { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
)css";

}  // namespace secateur
