"""Informal mentoring: short lists of mentors to ask, on which everybody's chances are fair."""
