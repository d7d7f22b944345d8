"""Group coaching: groups of people with a coach and a time at which all of them can."""
