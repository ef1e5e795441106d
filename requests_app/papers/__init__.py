"""PDFs: forms, records, certificates. Tagged (PDF/UA-1), so that a screen reader reads them; same data, same bytes."""
