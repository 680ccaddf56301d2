"""The HTML report's style sheet: light, dark and paper; a colour for every category."""

from __future__ import annotations

from typing import get_args

from mtfix.types import Category

CATEGORIES: tuple[str, ...] = get_args(Category)

# hues far apart for the categories that stand beside each other most; the eye takes greens and yellows for lighter
_HUES = {
    "wrong-sense": 210, "literal-idiom": 280, "collocation": 25, "word-order": 170, "function-word": 320,
    "agreement-tense": 95, "name": 48, "number-unit": 195, "casing": 240, "repetition": 0, "untranslated": 340,
    "omission": 140, "tortured-phrase": 260,
}  # fmt: skip
_COLOURS = "\n".join(
    f".{name} {{ --c: hsl({hue} 75% var({'--greens' if 40 < hue < 200 else '--others'})); }}"
    for name, hue in _HUES.items()
)

STYLE = f"""
:root {{ color-scheme: light dark; --ground: #fff; --ink: #1d2127; --soft: #5c6570; --line: #dfe3e8; --panel: #f5f7f9;
  --del: #9d1c1c; --del-ground: #fde4e2; --ins: #11602f; --ins-ground: #d9f3e0; --mark: #6b4b00; --mark-ground: #fff0bf;
  --link: #0b5cad; --others: 42%; --greens: 29%; }}
@media screen and (prefers-color-scheme: dark) {{ :root {{ --ground: #15181c; --ink: #e4e7eb; --soft: #9aa4b0;
  --line: #323941; --panel: #1d2126; --del: #ffb3ac; --del-ground: #4c1f1f; --ins: #9be3b2; --ins-ground: #17402a;
  --mark: #f5d67b; --mark-ground: #463810; --link: #7cb8ff; --others: 68%; --greens: 56%; }} }}
:root {{ --c: var(--soft); }}
{_COLOURS}
* {{ box-sizing: border-box; }}
body {{ margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 84rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }}
h1 {{ margin: 0 0 .25rem; font-size: 1.5rem; }}
h2 {{ margin: 2.5rem 0 .5rem; font-size: 1.15rem; overflow-wrap: anywhere; }}
h3 {{ margin: 1.5rem 0 .5rem; font-size: 1rem; }} p {{ margin: .25rem 0; }} .soft {{ color: var(--soft); }}
.legend > * {{ margin-right: .9em; }} .legend * {{ border: 0; }} a {{ color: var(--link); }}
nav ul {{ margin: .75rem 0; padding: 0; list-style: none; columns: 20rem; }} nav li {{ overflow-wrap: anywhere; }}
table {{ width: 100%; border-collapse: collapse; }}
th, td {{ padding: .4rem .75rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere; }}
thead th {{ background: var(--panel); font-size: .85em; color: var(--soft); }}
.sums {{ width: auto; margin: .75rem 0; font-size: .9em; }} .sums th, .sums td {{ padding: .15rem .75rem; }}
.sums td {{ text-align: right; font-variant-numeric: tabular-nums; }} .sums tbody th {{ font-weight: normal; }}
.swatch {{ display: inline-block; width: .8em; height: .8em; margin-right: .5em; border-radius: .2em;
  background: var(--c); }}
.sides {{ table-layout: fixed; }} .sides td {{ white-space: pre-wrap; position: relative; }}
.sides .number {{ width: 4rem; }}
.number {{ color: var(--soft); font-weight: normal; font-variant-numeric: tabular-nums; text-align: right;
  white-space: nowrap; }}
.same td, .same .number {{ color: var(--soft); }} .findings {{ font-size: .9em; }}
.findings th, .findings td {{ overflow-wrap: break-word; }} .wide {{ overflow-x: auto; }}
.findings tr:target > * {{ background: var(--panel); }}
.place {{ color: inherit; text-decoration: none; border-radius: .2em; scroll-margin: 6rem; }}
.place:focus-visible {{ outline: 2px solid var(--link); outline-offset: 2px; }}
del, ins, mark {{ padding: 0 .15em; border-radius: .2em .2em 0 0; border-bottom: 3px solid var(--c); }}
del {{ color: var(--del); background: var(--del-ground); }}
ins {{ color: var(--ins); background: var(--ins-ground); text-decoration: none; font-weight: 600; }}
mark {{ color: var(--mark); background: var(--mark-ground); }}
.tip {{ display: none; position: absolute; z-index: 1; left: .5rem; right: .5rem; margin-top: 1.9em;
  padding: .5rem .75rem; max-width: 30rem; background: var(--panel); color: var(--ink); border: 1px solid var(--line);
  border-left: 4px solid var(--c); border-radius: .3em; box-shadow: 0 4px 14px rgb(0 0 0 / .2); font-size: .875rem;
  font-weight: normal; line-height: 1.45; white-space: normal; }}
.tip b, .tip span {{ display: block; }}
.place:hover .tip, .place:focus .tip {{ display: block; }}
@media (min-width: 60rem) {{ .findings td:nth-child(n+4):nth-child(-n+5) {{ white-space: nowrap; }} }}
@media (max-width: 46rem) {{ body {{ padding: 1rem .5rem; }} th, td {{ padding: .35rem .4rem; }}
  .sides .number {{ width: 2.6rem; }} .sums {{ width: 100%; }}
  .tip {{ position: fixed; left: .5rem; right: .5rem; bottom: .5rem; margin: 0; max-width: none; }} }}
@page {{ margin: 14mm; }}
@media print {{ body {{ max-width: none; padding: 0; font-size: 9.5pt; }} thead {{ display: table-header-group; }}
  tr {{ break-inside: avoid; }} h2, h3 {{ break-after: avoid; }} nav {{ display: none; }}
  .place .tip {{ display: none !important; }} .wide {{ overflow: visible; }}
  a {{ color: inherit; text-decoration: none; }} .findings {{ table-layout: fixed; }}
  .findings .number {{ width: 3.5em; }} .findings th:nth-child(2) {{ width: 18%; }}
  * {{ -webkit-print-color-adjust: exact; print-color-adjust: exact; }} }}
"""
