"""How fields get their values: plain functions, one module per entity."""
