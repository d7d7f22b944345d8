"""One pool of people who are matched with one another: pairs in a general graph."""
