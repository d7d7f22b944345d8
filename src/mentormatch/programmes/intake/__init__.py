"""Rolling intake: what a season of matching as people arrive reached."""
