"""Coffee rounds in one pool, speed mentoring in two: who meets whom, in which round."""
