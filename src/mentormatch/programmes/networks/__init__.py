"""Networks: who could introduce two people, what pairs bridge, and chains of mentors."""
