"""Matchings, scores and profiles as files that can be read again: one format, JSON or parquet."""
