"""Reference pages that are written by the code they describe: docs/generated, checked to be fresh by a test.

They stand in `config` because they read all three apps. `./run manage generate_docs` writes them.
"""

from collections.abc import Callable
from pathlib import Path

from config.reference.cohort_file_page import cohort_file_page
from config.reference.database_rights_page import database_rights_page
from config.reference.events_page import events_page
from config.reference.measures_page import measures_page
from config.reference.permissions_page import permissions_page
from config.reference.routes_page import routes_page
from config.reference.states_page import states_page
from requests_app.api.schema import as_yaml

Pages = dict[str, Callable[[], str]]
PAGES: Pages = {
    "states.md": states_page,
    "permissions.md": permissions_page,
    "routes.md": routes_page,
    "events.md": events_page,
    "database-rights.md": database_rights_page,
    "measures.md": measures_page,
    "cohort-file.md": cohort_file_page,
}


# The OpenAPI document of the API, as it is served.
API_PAGES: Pages = {"openapi.yaml": lambda: as_yaml().decode()}
FOLDERS = {"generated": PAGES, "api": API_PAGES}


def write_pages(folder: Path, pages: Pages = PAGES) -> list[str]:
    """Writes every page that is not fresh and removes what is no page; returns their names."""
    names = stale_pages(folder, pages)
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        if name in pages:
            (folder / name).write_text(pages[name]())
        else:
            (folder / name).unlink()
    return names


def stale_pages(folder: Path, pages: Pages = PAGES) -> list[str]:
    """Names of pages that are missing or say something else than the code, and of files that are no page."""
    stale = [name for name, page in pages.items() if not _says(folder / name, page())]
    return stale + sorted(path.name for path in folder.glob("*") if path.name not in pages)


def _says(path: Path, text: str) -> bool:
    return path.exists() and path.read_text() == text
