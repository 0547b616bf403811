"""Two invented companies and the exports their systems would hand over: what `./autonomos demo` loads.

`world` invents customers and people, one module a vendor shapes them the way that vendor exports, `spoil` plants
the mess, `files` writes it down and `generate` puts it together with `truth.json`: the counts that a correct run finds.
Nothing here knows connectors, the lake or Dagster.
"""
