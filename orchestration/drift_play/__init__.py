"""The drift simulator behind `./autonomos drift play`: sources that change shape with known truth, and what came of it.

A world of streams (`facts`, `streams`), seeded changes to it (`mutations`), the four kinds of sources that serve it
(`sources`), runs that meet the changes (`play`, `live`), a person who knows the truth (`person`), and the count of what
was right (`truth`, `scoring`). Nothing of the product imports this.
"""
