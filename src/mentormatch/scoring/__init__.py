"""Profiles become `Scores`: criteria weigh, rules forbid."""
