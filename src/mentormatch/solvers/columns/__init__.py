"""Groups with a coach and a slot, and circles without: columns, their prices, and plans."""
