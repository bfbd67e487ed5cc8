"""What the Python bootstrap is made of."""
