"""The report's style sheet: light, dark and paper."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --ground: #fff; --ink: #1d2127; --soft: #5c6570; --line: #dfe3e8; --panel: #f5f7f9;
  --del: #9d1c1c; --del-ground: #fde4e2; --ins: #11602f; --ins-ground: #d9f3e0; --mark: #6b4b00; --mark-ground: #fff0bf;
  --s0: #0969c8; --s1: #c2500c; --s2: #0b8457; --s3: #8447b5; --s4: #b3246b; --s5: #6a737d; }
@media screen and (prefers-color-scheme: dark) { :root { --ground: #15181c; --ink: #e4e7eb; --soft: #9aa4b0;
  --line: #323941; --panel: #1d2126; --del: #ffb3ac; --del-ground: #4c1f1f; --ins: #9be3b2; --ins-ground: #17402a;
  --mark: #f5d67b; --mark-ground: #463810;
  --s0: #62adff; --s1: #ff9a5a; --s2: #52cf9c; --s3: #c99bff; --s4: #ff8fc0; --s5: #a4adb8; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 76rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
h1 { margin: 0 0 .25rem; font-size: 1.6rem; } h1 .soft { font-weight: normal; }
h2 { margin: 3rem 0 .75rem; font-size: 1.25rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
h3 { margin: 1.75rem 0 .5rem; font-size: 1rem; } h4 { margin: 0 0 .25rem; font-size: .9rem; font-weight: 600; }
p { margin: .35rem 0; max-width: 60rem; } .soft { color: var(--soft); }
nav { margin: 1rem 0; } nav a { margin-right: 1.25em; } a { color: var(--s0); }
.facts { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin: 1.25rem 0; }
dt { color: var(--soft); font-size: .8rem; } dd { margin: 0; font-variant-numeric: tabular-nums; }
code { font: .82rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  overflow-wrap: anywhere; }
.wide { overflow-x: auto; } table { border-collapse: collapse; }
th, td { padding: .35rem .7rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
thead th { background: var(--panel); font-size: .85em; color: var(--soft); overflow-wrap: anywhere; }
tbody th { font-weight: normal; }
.scores, .numbers { font-size: .9rem; font-variant-numeric: tabular-nums; }
.scores th, .scores td { padding: .2rem .7rem; }
.scores td, .scores thead th + th { text-align: right; white-space: nowrap; } .scores .soft { font-size: .85em; }
.scores tbody tr:hover { background: var(--panel); } .scores td:nth-child(2) { font-weight: 600; }
.scores td:nth-child(2) .soft { font-weight: normal; }
.scores tbody th { position: sticky; left: 0; background: var(--ground); }
.scores tbody tr:hover th { background: var(--panel); }
.runs { width: 100%; font-size: .9rem; } .runs td { overflow-wrap: anywhere; } .runs th { white-space: nowrap; }
.worse { color: var(--del); } .better { color: var(--ins); } td .worse, td .better { cursor: help; }
summary { cursor: pointer; color: var(--s0); margin: .5rem 0; } .system > summary { font-weight: 600; }
.figures { display: grid; gap: 1.5rem 2rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 34rem), 1fr)); }
figure { margin: 0; min-width: 0; } figcaption { margin-bottom: .75rem; } figcaption h3 { margin: 0; }
.plots { display: flex; flex-wrap: wrap; gap: 1rem; } .plots > div { overflow-x: auto; max-width: 100%; }
.key { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin: .5rem 0; padding: 0; list-style: none;
  font-size: .9rem; }
.swatch { vertical-align: -.1em; margin-right: .4em; }
.plot { display: block; font-size: 13px; } .plot text { fill: var(--ink); }
.plot .tick { fill: var(--soft); font-size: 12px; } 
.plot .value { font-size: 12px; font-variant-numeric: tabular-nums; }
.middle { text-anchor: middle; } .end { text-anchor: end; }
.plot .halo { stroke: var(--ground); stroke-width: 3px; paint-order: stroke; stroke-linejoin: round; }
.grid { stroke: var(--line); fill: none; } .axis { stroke: var(--soft); fill: none; }
.diagonal { stroke: var(--soft); fill: none; stroke-dasharray: 2 4; }
.whisker { stroke: var(--ink); fill: none; opacity: .75; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; } .ring { fill: var(--ground); stroke-width: 2.5; }
.dot { stroke: var(--ground); stroke-width: 1.5; }
.s0.fill { fill: var(--s0); } .s1.fill { fill: var(--s1); } .s2.fill { fill: var(--s2); }
.s3.fill { fill: var(--s3); } .s4.fill { fill: var(--s4); } .s5.fill { fill: var(--s5); }
.s0.line { stroke: var(--s0); } .s1.line { stroke: var(--s1); stroke-dasharray: 7 3; }
.s2.line { stroke: var(--s2); stroke-dasharray: 2 3; } .s3.line { stroke: var(--s3); stroke-dasharray: 9 3 2 3; }
.s4.line { stroke: var(--s4); stroke-dasharray: 4 4; } .s5.line { stroke: var(--s5); stroke-dasharray: 12 4; }
.plot .ring { stroke-dasharray: none; }
.sides { width: 100%; table-layout: fixed; font-size: .93rem; margin-bottom: 1.5rem; }
.sides caption { text-align: left; font-weight: 600; padding: .5rem 0; }
.sides td { white-space: pre-wrap; overflow-wrap: anywhere; }
.sides .about th { border-bottom: 0; padding-bottom: 0; color: var(--soft); font-size: .85em; overflow-wrap: anywhere; }
del, ins, mark { padding: 0 .15em; border-radius: .2em; }
del { color: var(--del); background: var(--del-ground); } mark { color: var(--mark); background: var(--mark-ground); }
ins { color: var(--ins); background: var(--ins-ground); text-decoration: none; font-weight: 600; }
u { text-decoration: underline wavy var(--del) 1px; text-underline-offset: .2em; }
.legend > * { margin-right: .75em; }
@media (max-width: 46rem) { body { padding: 1rem .75rem; } th, td { padding: .3rem .4rem; }
  .sides { font-size: .85rem; } .plot { max-width: 100%; height: auto; } }
@page { margin: 14mm; }
@media print { body { max-width: none; padding: 0; font-size: 9pt; } nav { display: none; }
  thead { display: table-header-group; } tr, figure, .sides tbody { break-inside: avoid; }
  .keep::details-content { content-visibility: visible; } details:not([open]):not(.keep) { display: none; }
  h2, h3, figcaption, summary, caption { break-after: avoid; }
  .wide, .plots > div { overflow: visible; } .scores, .numbers { font-size: 7.5pt; }
  .scores th, .scores td { padding: 2pt; }
  .plot { max-width: 100%; height: auto; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; } }
"""
