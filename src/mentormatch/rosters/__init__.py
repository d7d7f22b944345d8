"""Exported files and dataframes become `Profiles`."""
