"""Forms of mentoring beyond one matching."""
