"""Pure rules of exchange: reading tables, mappings, and turning rows into reports."""
