"""What surveys say about past pairs."""
