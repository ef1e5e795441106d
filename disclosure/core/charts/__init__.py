"""Charts as numbers: where lines, bars, tiles and squares lie. Templates draw them as SVG, without scripts."""
