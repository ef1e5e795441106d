"""The one drawing room of the site: where lines, bars, squares and their axes lie, as numbers.

Templates draw them as SVG without scripts (`components/chart.html`), each with title, description and its table.
"""
