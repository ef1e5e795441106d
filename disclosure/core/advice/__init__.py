"""Why a cell is withheld, and which coarser design would publish more."""
