"""Choosing pairs under side rows: linear and integer programmes, prices over flows, search."""
