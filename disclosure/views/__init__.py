"""Pages of disclosure: BLS's forecast, the analyst's workbench, the tables as released, a state's review."""
