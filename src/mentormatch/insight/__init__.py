"""Questions about a `Matching`: reasons, audits, what would change it."""
