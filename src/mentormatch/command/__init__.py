"""The command `mentormatch`, for people without a notebook: one file per job.

`parser` says what may be typed, `main` runs the job and says what went wrong; the jobs read
rosters, call the library and print. Only `parser` and `main` are imported to show a help page.
"""
