"""Characters that the PDFs' fonts have no picture of are named instead: PDF/UA allows no text that cannot be shown."""

import unicodedata

# Latin with its extensions, Greek, Cyrillic, punctuation and signs: all in Libertinus Serif.
SHOWN = (
    (0x20, 0x7E),
    (0xA0, 0x24F),
    (0x384, 0x3CE),
    (0x400, 0x45F),
    (0x1E00, 0x1EF9),
    (0x2010, 0x2015),
    (0x2018, 0x201E),
    (0x2020, 0x2022),
    (0x20AC, 0x20AC),
)
LINE_ENDS = "\n\r\t"


def shown(text: str) -> str:
    """The text with every character outside `SHOWN` by its name, e.g. “(slightly smiling face)”."""
    return "".join(_shown(letter) for letter in unicodedata.normalize("NFC", text))


def _shown(letter: str) -> str:
    if letter in LINE_ENDS or any(first <= ord(letter) <= last for first, last in SHOWN):
        return letter
    name = unicodedata.name(letter, "").lower()
    return f"({name or f'U+{ord(letter):04X}'})"
