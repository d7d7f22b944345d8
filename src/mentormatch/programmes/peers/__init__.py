"""One pool of people who meet one another: pairs, and a trio where the number is odd."""
