"""The ground floor: assignment problems over arrays of integers, with certificates."""
