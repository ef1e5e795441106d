"""PDF pages and images of strangers as fresh PNG pictures, drawn in memory: what the file holds beside them is gone.

Drawn by typst, in the worker; no file is written. Both libraries that read the formats are memory-safe (Rust).
"""

import json

import typst

from disclosure.core.outputs.reading import UnreadableOutput

MOST_BYTES = 2_000_000
MOST_PAGES = 20
PPI = 110
DRAWING = b"""
#set page(width: auto, height: auto, margin: 0pt)
#image(bytes(json(bytes(sys.inputs.data))), format: sys.inputs.format, page: int(sys.inputs.page), width: 20cm)
"""


def pictures(data: bytes, kind: str) -> list[bytes]:
    """Every page of a PDF, or the one image (png, jpg); `UnreadableOutput` with what to do."""
    if len(data) > MOST_BYTES:
        raise UnreadableOutput("The file is larger than 2 MB. Split it, or make its images smaller.")
    listed = json.dumps(list(data))
    found = [_draw(listed, kind, 1)]
    while kind == "pdf" and len(found) <= MOST_PAGES:
        try:
            found.append(_draw(listed, kind, len(found) + 1))
        except UnreadableOutput:
            return found
    if len(found) > MOST_PAGES:
        raise UnreadableOutput(f"The PDF has more than {MOST_PAGES} pages. Split it.")
    return found


def _draw(listed: str, kind: str, page: int) -> bytes:
    given = {"data": listed, "format": kind, "page": str(page)}
    try:
        drawn = typst.compile(DRAWING, format="png", ppi=PPI, ignore_system_fonts=True, sys_inputs=given)
    except typst.TypstError:
        raise UnreadableOutput("The file cannot be drawn. Save it again as PDF, PNG or JPEG.") from None
    return bytes(drawn)
