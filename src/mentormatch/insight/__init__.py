"""Questions about a `Matching`: reasons, audits, pictures, exports."""
